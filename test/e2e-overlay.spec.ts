// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { findKustomize, renderKustomization } from '@kube-device-plugins/deploy/kustomize';
import { parseManifests, type Manifest } from '@kube-device-plugins/deploy/manifest';
import { overlay } from '@kube-device-plugins/e2e/overlay';
import { describe, expect, it } from 'vitest';
import { warnWithoutKustomize } from './support/kustomizations.ts';
import { schemaProblems } from './support/kubernetes-schema.ts';

const root = join(import.meta.dirname, '..');
const kustomize = findKustomize(process.env);
warnWithoutKustomize('the overlays of the end-to-end tests are not rendered');
const files = await readdir(join(import.meta.dirname, 'e2e'));
const plugins = files.filter((name) => name.endsWith('.e2e.ts')).map((name) => name.replace('.e2e.ts', ''));

describe.skipIf(kustomize === undefined)('the overlay of the end-to-end test', { timeout: 60_000 }, () => {
  it.each(plugins)('of %s goes on top of its manifests, and is what Kubernetes takes', async (plugin) => {
    const objects = await render(plugin);
    for (const object of objects) expect(await schemaProblems(object), object.kind).toEqual([]);
    expect(
      new Set(objects.map(({ kind, metadata }) => (kind === 'Namespace' ? metadata.name : metadata.namespace))),
    ).toEqual(new Set(['kdp-e2e']));
    const pod = objects.find(({ kind }) => kind === 'DaemonSet')?.spec?.template?.spec;
    expect(pod?.initContainers?.map(({ name }) => name)).toEqual(['e2e-hardware', 'e2e-null-nodes']);
    const [container] = pod?.containers ?? [];
    expect(container?.args).toEqual(
      expect.arrayContaining([expect.stringMatching('^-prefix=/var/lib/'), '-x=/e2e/files/x']),
    );
    expect(container?.image).toMatch(/^registry\.test\/kube-device-plugins\/.*:abc$/);
  });
});

async function render(plugin: string): Promise<Manifest[]> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'kdp-')));
  try {
    const subject = {
      plugin,
      nodes: 'host',
      hardware: { '/sys/x': 'y' },
      flags: ['-x={files}/x'],
      resources: {},
    } as const;
    const name = imageOf(plugin, await manifestsOf(join(root, 'deployments', plugin)));
    const files = overlay(
      { ...subject, pod: { limits: {}, devices: [] } },
      {
        base: relative(directory, join(root, 'deployments', plugin)),
        namespace: 'kdp-e2e',
        image: { name, newName: `registry.test/${name}`, newTag: 'abc' },
        toolsImage: 'busybox:1.37',
        nullNodesScript: '#!/bin/sh\n',
      },
    );
    for (const [file, text] of Object.entries(files)) await writeFile(join(directory, file), text);
    return await manifestsOf(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function manifestsOf(directory: string): Promise<Manifest[]> {
  return kustomize === undefined ? [] : parseManifests(await renderKustomization(kustomize, directory));
}

/** As the manifests name it, without its tag. */
function imageOf(plugin: string, manifests: readonly Manifest[]): string {
  const daemonSet = manifests.find(({ kind }) => kind === 'DaemonSet');
  const image = daemonSet?.spec?.template?.spec?.containers?.[0]?.image;
  return image?.replace(/:[^:]*$/, '') ?? expect.fail(`deployments/${plugin} names no image`);
}
