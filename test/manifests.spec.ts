// SPDX-License-Identifier: Apache-2.0
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { containersOf, parseManifests, type Container, type Manifest } from '@kube-device-plugins/deploy/manifest';
import { describe, expect, it } from 'vitest';
import { schemaProblems } from './support/kubernetes-schema.ts';
import {
  hasKustomize,
  kustomizations,
  manifestsBeside,
  manifestsOf,
  warnWithoutKustomize,
} from './support/kustomizations.ts';

const root = join(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

warnWithoutKustomize('the manifests are not rendered');

/** Kustomize may take seconds on a machine that does other things as well. */
const patience = { timeout: 60_000 };

describe.skipIf(!hasKustomize).each(kustomizations)('%s', patience, (kustomization) => {
  it('makes objects that fit the schemas of Kubernetes', async () => {
    const manifests = await manifestsOf(kustomization);
    expect(manifests).not.toHaveLength(0);
    for (const manifest of manifests)
      expect([manifest.metadata.name, await schemaProblems(manifest)]).toEqual([manifest.metadata.name, []]);
  });

  it('makes pods whose parts fit together', async () => {
    for (const manifest of await manifestsOf(kustomization)) {
      const { spec } = manifest as DaemonSet;
      if (manifest.kind !== 'DaemonSet') continue;
      const pod = spec.template.spec;
      const mounted = containersOf(manifest).flatMap(({ volumeMounts = [] }: Container & Mounts) => volumeMounts);
      expect(new Set(mounted.map(({ name }) => name))).toEqual(new Set(pod.volumes.map(({ name }) => name)));
      expect(spec.template.metadata.labels).toMatchObject(spec.selector.matchLabels);
      for (const container of containersOf(manifest)) expect(unknownVariables(container)).toEqual([]);
    }
  });

  it('makes pods that run on the nodes that have devices, and are seen there', async () => {
    for (const manifest of (await manifestsOf(kustomization)).filter(({ kind }) => kind === 'DaemonSet')) {
      const { metadata, spec } = manifest as DaemonSet;
      const pod = spec.template.spec;
      expect(pod).toMatchObject({ priorityClassName: 'system-node-critical', enableServiceLinks: false });
      expect(taints.filter((taint) => !pod.tolerations.some((toleration) => tolerates(toleration, taint)))).toEqual([
        evicting,
      ]);
      expect(metadata.labels).toMatchObject({ 'app.kubernetes.io/part-of': 'kube-device-plugins' });
      const [plugin] = pod.containers;
      expect(plugin).toMatchObject({ livenessProbe: { httpGet: { path: '/healthz', port: 'metrics' } } });
      expect(plugin).toMatchObject({ readinessProbe: { httpGet: { path: '/readyz', port: 'metrics' } } });
      expect(plugin?.args?.[0]).toBe('-v=$(VERBOSITY)');
      expect(plugin?.env?.map(({ name }) => name)).toEqual(expect.arrayContaining(['VERBOSITY', 'NODE_NAME']));
      for (const { image = '' } of containersOf(manifest)) {
        expect(image).toMatch(
          image.startsWith('intel/')
            ? /:\d+\.\d+\.\d+$/
            : `kube-device-plugins/${image.slice(20).split(':')[0] ?? ''}:${version}`,
        );
      }
    }
  });

  it('mounts nothing of the host that is not read', async () => {
    const [, plugin = '', overlay = ''] = /^deployments\/([^/]+)(?:\/overlays\/(.+))?/.exec(kustomization) ?? [];
    for (const manifest of (await manifestsOf(kustomization)).filter(({ kind }) => kind === 'DaemonSet')) {
      const { volumes } = (manifest as DaemonSet).spec.template.spec;
      const own = ownPaths[`${plugin}/${overlay}`] ?? (await readPaths(plugin));
      const paths = volumes.flatMap(({ hostPath }) => hostPath?.path ?? []);
      expect(paths.sort()).toEqual([...own, ...(furtherPaths[`${plugin}/${overlay}`] ?? []), ...corePaths].sort());
    }
  });
});

describe.skipIf(!hasKustomize)('in place of upstream', patience, () => {
  it.each(upstream())('%s is %s with %j', async (kustomization, name, args, selector) => {
    const [manifest] = (await manifestsOf(`deployments/${kustomization}`)).filter(({ kind }) => kind === 'DaemonSet');
    const { metadata, spec } = manifest as DaemonSet;
    expect(metadata.name).toBe(name);
    expect(spec.selector.matchLabels).toEqual({ app: selector });
    const [plugin] = spec.template.spec.containers;
    expect(plugin?.name).toBe(selector);
    // Without any argument upstream's log nothing but errors, either.
    expect(expandedArguments(plugin).filter((argument) => argument !== '-v=0')).toEqual(args);
  });
});

describe.skipIf(!hasKustomize)('the kustomization in docs/guides/deploy.md', patience, () => {
  it('puts what it takes together into one namespace, with images of a registry', async () => {
    const guide = readFileSync(join(root, 'docs/guides/deploy.md'), 'utf8');
    const manifests = await manifestsBeside(/```yaml\n(.*?)```/s.exec(guide)?.[1] ?? '');
    expect(manifests.map(({ kind }) => kind).sort()).toEqual(['DaemonSet', 'Namespace', 'PodMonitor']);
    for (const { kind, metadata } of manifests) {
      expect(kind === 'Namespace' ? metadata.name : metadata.namespace).toBe('kube-device-plugins');
    }
    expect(manifests.flatMap(containersOf).map(({ image }) => image)).toEqual([
      `registry.example.com/plugins/intel-gpu-plugin:${version}`,
    ]);
  });
});

describe.skipIf(!hasKustomize)('the kustomization in docs/guides/see-what-runs.md', patience, () => {
  it('lets the plugin ask the kubelet which pods use devices', async () => {
    const guide = readFileSync(join(root, 'docs/guides/see-what-runs.md'), 'utf8');
    const manifests = await manifestsBeside(/```yaml\n(.*?)```/s.exec(guide)?.[1] ?? '');
    const [daemonSet] = manifests.filter(({ kind }) => kind === 'DaemonSet');
    const { containers, volumes } = (daemonSet as DaemonSet).spec.template.spec;
    const path = '/var/lib/kubelet/pod-resources';
    expect(volumes.at(-1)).toEqual({ name: 'pod-resources', hostPath: { path, type: 'Directory' } });
    const [plugin] = containers as (Container & Mounts)[];
    expect(plugin?.volumeMounts?.at(-1)).toEqual({ name: 'pod-resources', mountPath: path, readOnly: true });
    for (const manifest of manifests) expect(await schemaProblems(manifest)).toEqual([]);
  });
});

describe('demo/', () => {
  it.each(globSync('demo/*.yaml', { cwd: root }))('%s fits the schemas of Kubernetes', async (file) => {
    const manifests = parseManifests(readFileSync(join(root, file), 'utf8'));
    expect(manifests).not.toHaveLength(0);
    for (const manifest of manifests) expect(await schemaProblems(manifest)).toEqual([]);
  });
});

interface DaemonSet extends Manifest {
  readonly metadata: Manifest['metadata'] & { readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: {
        readonly containers: readonly Container[];
        readonly volumes: readonly { readonly name: string; readonly hostPath?: { readonly path: string } }[];
        readonly tolerations: readonly Toleration[];
      };
    };
  };
}

interface Mounts {
  readonly volumeMounts?: readonly { readonly name: string }[];
}

interface Toleration {
  readonly key?: string;
  readonly effect?: string;
}

/** The last one is for nodes that everything has to leave. */
const evicting = { key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' };
const taints = [
  { key: 'CriticalAddonsOnly', effect: 'NoSchedule' },
  { key: 'CriticalAddonsOnly', effect: 'NoExecute' },
  { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
  { key: 'gpu.intel.com/i915', effect: 'NoSchedule' },
  evicting,
];

function tolerates({ key, effect }: Toleration, taint: Required<Toleration>): boolean {
  return (key ?? taint.key) === taint.key && (effect ?? taint.effect) === taint.effect;
}

const corePaths = ['/var/lib/kubelet/device-plugins', '/var/run/cdi'];
/** What others than the plugin read, or the plugin only there. */
const furtherPaths: Readonly<Record<string, readonly string[]>> = {
  'gpu-plugin/wsl': ['/usr/lib/wsl'],
  'gpu-plugin/xpumd': ['/run/xpumd'],
  'qat-plugin/qat_initcontainer': ['/sys'],
  'qat-plugin/e2e': ['/sys'],
  ...Object.fromEntries(
    ['af', 'debug', 'nfd_labeled_nodes', 'pod_monitor', 'region'].map((overlay) => [
      `fpga-plugin/${overlay}`,
      ['/opt/intel/fpga-sw'],
    ]),
  ),
};
/** In place of what `sysfs.ts` says. */
const ownPaths: Readonly<Record<string, readonly string[]>> = {
  'qat-plugin/kernel': ['/dev', '/etc', '/usr/local/bin/adf_ctl'],
};

/** What `sysfs.ts` says; of what hosts several plugins, what any of them says, but for what lies below another one. */
async function readPaths(plugin: string): Promise<readonly string[]> {
  const read = globSync('packages/*/src/sysfs.ts', { cwd: root });
  const own = read.filter((file) => file.split('/')[1] === plugin);
  const sources = (await Promise.all((own.length > 0 ? own : read).map((file) => import(join(root, file))))) as {
    readonly hostPaths: readonly string[];
  }[];
  const paths = [...new Set(sources.flatMap(({ hostPaths }) => hostPaths))];
  return paths.filter((path) => !paths.some((other) => path.startsWith(`${other}/`)));
}

/** What stands in `$(…)` and is no variable of the container. */
function unknownVariables({ args = [], env = [] }: Container): string[] {
  const used = args.flatMap((argument) => [...argument.matchAll(/\$\((\w+)\)/g)].map(([, name = '']) => name));
  return used.filter((name) => !env.some((variable) => variable.name === name));
}

function expandedArguments({ args = [], env = [] }: Container = { name: '' }): string[] {
  const valueOf = (name: string): string => env.find((variable) => variable.name === name)?.value ?? '';
  return args.map((argument) => argument.replaceAll(/\$\((\w+)\)/g, (_, name: string) => valueOf(name)));
}

/** Kustomization, DaemonSet, arguments of the plugin, and its container, whose name is also the selector. */
function upstream(): [string, string, string[], string][] {
  const arcIds =
    '0x56a6,0x56a5,0x56a1,0x56a0,0x5694,0x5693,0x5692,0x5691,0x5690,0x56b3,0x56b2,0x56a4,0x56a3,0x5697,0x5696,0x5695,0x56b1,0x56b0,0x56a2,0x56ba,0x56bc,0x56bd,0x56bb';
  const xpumd = '-xpumd-endpoint=/run/xpumd/intelxpuinfo.sock';
  const gpu = (overlay: string, ...args: string[]): [string, string, string[], string] => [
    `gpu-plugin/${overlay}`,
    'intel-gpu-plugin',
    args,
    'intel-gpu-plugin',
  ];
  return [
    ['qat-plugin', 'intel-qat-plugin', [], 'intel-qat-plugin'],
    ['qat-plugin/overlays/debug', 'intel-qat-plugin-debug', ['-v=4'], 'intel-qat-plugin'],
    ['qat-plugin/overlays/e2e', 'intel-qat-plugin-e2e', ['-v=4'], 'intel-qat-plugin'],
    ['qat-plugin/overlays/qat_initcontainer', 'intel-qat-plugin', [], 'intel-qat-plugin'],
    gpu('', ...[]),
    gpu('overlays/nfd_labeled_nodes', '-v=2', '-enable-monitoring'),
    gpu('overlays/monitoring_shared-dev_nfd', '-v=2', '-shared-dev-num=30', '-enable-monitoring'),
    gpu('overlays/levelzero'),
    gpu('overlays/health', '-health-management'),
    gpu('overlays/wsl', '-wsl'),
    gpu('overlays/xpumd', xpumd, '-enable-monitoring'),
    gpu('overlays/allowlist-arc', '-v=4', `-allow-ids=${arcIds}`),
    ['fpga-plugin/overlays/af', 'intelfpgaplugin-intel-fpga-plugin', ['-mode=af'], 'intel-fpga-plugin'],
    ['fpga-plugin/overlays/region', 'intelfpgaplugin-intel-fpga-plugin', ['-mode=region'], 'intel-fpga-plugin'],
  ];
}
