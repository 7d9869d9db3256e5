// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { node } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { overlay } from '../src/overlay.ts';
import type { PluginUnderTest } from '../src/plugin-under-test.ts';

const root = join(import.meta.dirname, '../../..');
const program = { bundle: 'gpu-fakedev', command: 'intel_gpu_fakedev', args: ['-json', '{files}/gpus.json'] };
const gpu: PluginUnderTest = {
  plugin: 'gpu-plugin',
  hardwareProgram: program,
  files: { 'gpus.json': '{}' },
  nodes: 'prefix',
  flags: ['-shared-dev-num=2', '-x={files}/x'],
  resources: {},
  pod: { limits: {}, devices: [] },
};
const image = {
  name: 'kube-device-plugins/intel-gpu-plugin',
  newName: 'registry.test/x/intel-gpu-plugin',
  newTag: 'abc',
};
const settings = {
  image,
  base: '../base',
  namespace: 'ns',
  toolsImage: 'busybox:1.37',
  nullNodesScript: '#!/bin/sh\n',
};
const hasKubectl = spawnSync('kubectl', ['kustomize', '--help']).status === 0;
if (!hasKubectl)
  console.warn('SKIPPED: no kubectl on PATH to render the overlay of the end-to-end tests; install kubectl');

let directory = '';

beforeEach(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'kdp-')));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

describe('overlay()', () => {
  it('has the program of the plugin make the hardware, and then makes the nodes there', () => {
    const [hardware, nodes] = initContainers(overlay(gpu, settings));
    expect(hardware).toMatchObject({
      image: image.name,
      command: ['/usr/local/bin/intel_gpu_fakedev'],
      args: ['-json', '/e2e/files/gpus.json'],
      workingDir: '/var/lib/kube-device-plugins-e2e/gpu-plugin',
    });
    const place = '/var/lib/kube-device-plugins-e2e/gpu-plugin';
    expect(nodes).toMatchObject({ image: 'busybox:1.37', command: ['sh', '/e2e/files/null-nodes.sh', place, place] });
  });

  it('has a script make the hardware that is told as a tree, and nodes in /dev of the node', () => {
    const files = overlay(
      { ...gpu, hardware: { '/dev/x': node('c', 1, 3) }, hardwareProgram: undefined as never, nodes: 'host' },
      settings,
    );
    expect(files['hardware.sh']).toContain("echo 'c 1:3' >'dev/x'");
    const [hardware, nodes] = initContainers(files);
    expect(hardware).toMatchObject({
      image: 'busybox:1.37',
      command: ['sh', '/e2e/files/hardware.sh', expect.any(String)],
    });
    expect(nodes).toMatchObject({
      command: expect.arrayContaining(['/e2e/host']) as string[],
      volumeMounts: expect.arrayContaining([{ name: 'e2e-dev', mountPath: '/e2e/host/dev' }]) as unknown[],
      securityContext: { capabilities: { drop: ['ALL'], add: ['MKNOD'] } },
    });
  });

  it.skipIf(!hasKubectl)('is what kustomize takes, on top of the manifests that there are', async () => {
    const base = relative(directory, join(root, 'deployments/gpu-plugin'));
    for (const [name, text] of Object.entries(overlay(gpu, { ...settings, base }))) {
      await writeFile(join(directory, name), text);
    }
    const objects = parseAllDocuments(execFileSync('kubectl', ['kustomize', directory], { encoding: 'utf8' }));
    const all = objects.map((object) => object.toJS() as KubeObject);
    expect(all.map(({ kind }) => kind).sort()).toEqual(['ConfigMap', 'DaemonSet', 'Namespace']);
    const [config, daemonSet] = ['ConfigMap', 'DaemonSet'].map((kind) => all.find((object) => object.kind === kind));
    expect(daemonSet?.metadata.namespace).toBe('ns');
    const { containers, initContainers, volumes } = daemonSet?.spec?.template.spec ?? {};
    expect(containers?.[0]?.args).toEqual(expect.arrayContaining(['-shared-dev-num=2', '-x=/e2e/files/x', '-v=4']));
    expect(initContainers?.map((container) => container.name)).toEqual(['e2e-hardware', 'e2e-null-nodes']);
    expect(volumes).toContainEqual({ name: 'e2e-files', configMap: { name: config?.metadata.name } });
  });
});

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
}

interface KubeObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly Container[];
        readonly initContainers: readonly Container[];
        readonly volumes: readonly unknown[];
      };
    };
  };
}

function initContainers(files: Readonly<Record<string, string>>): readonly Container[] {
  const operations = parse(files['hardware.yaml'] ?? '') as readonly { path: string; value: unknown }[];
  return operations.find(({ path }) => path.endsWith('/initContainers'))?.value as readonly Container[];
}
