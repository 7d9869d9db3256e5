// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PluginWorld } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { pluginPackages } from '../src/hosted-plugins.ts';
import { nodeHost } from './node-host.ts';

const workspace = join(import.meta.dirname, '../../..');
const base = join(workspace, 'deployments/all/base');

/** What core needs of the host, whatever the plugin. */
const hostPathsOfCore = ['/var/lib/kubelet/device-plugins', '/var/run/cdi'];

interface Container {
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly image: string;
  readonly securityContext: unknown;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
}

interface DaemonSet {
  readonly metadata: { readonly labels: object };
  readonly spec: {
    readonly selector: { readonly matchLabels: object };
    readonly template: {
      readonly metadata: { readonly labels: object };
      readonly spec: {
        readonly containers: readonly [Container];
        readonly volumes: readonly { readonly name: string; readonly hostPath?: { readonly path: string } }[];
      };
    };
  };
}

function daemonSet(folder: string): DaemonSet {
  return parse(readFileSync(join(workspace, 'deployments', folder, 'base/daemonset.yaml'), 'utf8')) as DaemonSet;
}

const { metadata, spec } = daemonSet('all');
const pod = spec.template.spec;
const [container] = pod.containers;
/** As the kubelet writes variables into them. */
const args = container.args.map((arg) =>
  arg.replaceAll(/\$\((\w+)\)/g, (_, name) => container.env.find((variable) => variable.name === name)?.value ?? ''),
);
const plugins = (container.args.find((arg) => arg.startsWith('-plugins=')) ?? '').replace('-plugins=', '').split(',');

describe('deployments/all', () => {
  it('is of one name', () => {
    for (const labels of [metadata.labels, spec.selector.matchLabels, spec.template.metadata.labels])
      expect(labels).toMatchObject({ 'app.kubernetes.io/name': 'kube-device-plugins' });
    const { image, version } = JSON.parse(readFileSync(join(workspace, 'packages/all/package.json'), 'utf8')) as {
      readonly image: { readonly name: string };
      readonly version: string;
    };
    expect(container.image).toBe(`kube-device-plugins/${image.name}:${version}`);
  });

  it('mounts what its plugins and core need of the host, at the same paths, and no more', async () => {
    const needed = new Set(hostPathsOfCore);
    for (const plugin of plugins) {
      const { hostPaths } = (await import(pluginPackages[plugin] ?? '')) as { readonly hostPaths: readonly string[] };
      for (const path of hostPaths) needed.add(path);
    }
    const isWithin = (path: string): boolean => [...needed].some((other) => path.startsWith(`${other}/`));
    const mounted = pod.volumes.flatMap(({ name, hostPath }) => (hostPath ? [{ name, path: hostPath.path }] : []));
    expect(mounted.map(({ path }) => path).sort()).toEqual([...needed].filter((path) => !isWithin(path)).sort());
    for (const { name, path } of mounted)
      expect(container.volumeMounts.find((mount) => mount.name === name)?.mountPath).toBe(path);
  });

  it('has the rights of the single plugins, and writes where they do', () => {
    const writable = new Set<string>();
    for (const plugin of plugins) {
      const [single] = daemonSet(`${plugin}-plugin`).spec.template.spec.containers;
      expect(container.securityContext).toEqual(single.securityContext);
      for (const { mountPath, readOnly } of single.volumeMounts) if (readOnly !== true) writable.add(mountPath);
    }
    const own = container.volumeMounts.filter(({ readOnly }) => readOnly !== true);
    expect(own.map(({ mountPath }) => mountPath).sort()).toEqual([...writable].sort());
  });

  it('has a file for the flags of each plugin, which are sound with and without what is commented out', async () => {
    const files = readdirSync(join(base, 'flags'));
    expect(files.sort()).toEqual(plugins.map((plugin) => `${plugin}.flags`).sort());
    const { configMapGenerator } = parse(readFileSync(join(base, 'kustomization.yaml'), 'utf8')) as {
      readonly configMapGenerator: readonly { readonly files: readonly string[] }[];
    };
    expect(configMapGenerator.flatMap((map) => map.files).sort()).toEqual(files.map((file) => `flags/${file}`).sort());
    for (const isUsed of [false, true]) {
      const world = new PluginWorld([process.execPath, join(workspace, 'packages/all/src/main.ts')]);
      await world.begin();
      try {
        await world.host.add(nodeHost());
        for (const file of files) {
          const text = readFileSync(join(base, 'flags', file), 'utf8');
          await world.host.write(`etc/${file}`, isUsed ? text.replaceAll(/^# -/gm, '-') : text);
        }
        const all = world.launch([...args, '-flags-dir', join(world.host.root, 'etc')]);
        for (const plugin of plugins)
          await expect.poll(() => all.stderr).toContain(`"registered with the kubelet" plugin="${plugin}-plugin"`);
        expect(all.stderr).not.toContain('given up');
      } finally {
        await world.end();
      }
    }
  });
});
