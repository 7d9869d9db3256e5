// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Container, Manifest } from '@kube-device-plugins/deploy/manifest';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { hasHelm, lintChart, notesOf, templateOf, warnWithoutHelm } from './support/helm.ts';
import { schemaProblems } from './support/kubernetes-schema.ts';
import { hasKustomize, manifestsOf, warnWithoutKustomize } from './support/kustomizations.ts';

warnWithoutHelm('the Helm chart is not rendered');
if (hasHelm) warnWithoutKustomize('the Helm chart is not compared with the manifests');

/** Helm may take seconds on a machine that does other things as well. */
const patience = { timeout: 60_000 };

const labelled = { enabled: true, enableMonitoring: true, verbosity: 2, nfd: { enabled: true } };
const fpga = {
  enabled: true,
  fullnameOverride: 'intelfpgaplugin-intel-fpga-plugin',
  nodeMode: { enabled: true },
  serviceAccount: { name: 'intelfpgaplugin-fpga-plugin' },
  initImage: { enabled: true },
};
const podMonitor = { podMonitor: { enabled: true } };

/** Kustomization, and the values that make the same objects. */
const sameObjects: [string, object][] = [
  ['gpu-plugin', { gpu: { enabled: true } }],
  ['gpu-plugin/overlays/debug', { verbosity: 4, gpu: { enabled: true } }],
  ['gpu-plugin/overlays/health_sysfs', { gpu: { enabled: true, extraArgs: ['-health-source=sysfs'] } }],
  ['gpu-plugin/overlays/nfd_labeled_nodes', { gpu: labelled }],
  ['gpu-plugin/overlays/monitoring_shared-dev_nfd', { gpu: { ...labelled, sharedDevNum: 30 } }],
  ['gpu-plugin/overlays/pod_monitor', { gpu: { enabled: true, metrics: podMonitor } }],
  ['qat-plugin', { qat: { enabled: true } }],
  ['qat-plugin/overlays/debug', { qat: { enabled: true, verbosity: 4, fullnameOverride: 'intel-qat-plugin-debug' } }],
  ['qat-plugin/overlays/hardened', { qat: { enabled: true, bindVfs: false } }],
  ['qat-plugin/overlays/nfd_labeled_nodes', { nfd: { enabled: true }, qat: { enabled: true } }],
  ['qat-plugin/overlays/qat_initcontainer', { qat: { enabled: true, initImage: { enabled: true } } }],
  ['fpga-plugin', { fpga: { enabled: true } }],
  ['fpga-plugin/overlays/af', { fpga }],
  ['fpga-plugin/overlays/region', { fpga: { ...fpga, mode: 'region', initImage: {} } }],
  ['fpga-plugin/overlays/pod_monitor', { metrics: podMonitor, fpga }],
  ['simple-plugin', { simple: { enabled: true } }],
  ['simple-plugin/overlays/pod_monitor', { metrics: podMonitor, simple: { enabled: true } }],
  ['all', { all: { enabled: true } }],
  ['all/overlays/pod_monitor', { metrics: podMonitor, all: { enabled: true } }],
  ['simple-plugin/overlays/simulator', { simple: { enabled: true, simulator: { enabled: true } } }],
];

describe.skipIf(!hasHelm || !hasKustomize)('charts/kube-device-plugins and kustomize', patience, () => {
  it.each(sameObjects)('make the same objects of %s', async (kustomization, values) => {
    const expected = (await manifestsOf(`deployments/${kustomization}`)).filter(({ kind }) => kind !== 'Namespace');
    const namespace = expected.flatMap(({ metadata }) => metadata.namespace ?? [])[0];
    const made = await templateOf('intelfpgaplugin', namespace ?? 'default', values);
    expect(comparable(made, namespace === undefined)).toEqual(comparable(expected, false));
  });

  it('make the same rules for node-feature-discovery', async () => {
    const values = Object.fromEntries(['gpu', 'qat', 'fpga', 'simple'].map((plugin) => [plugin, { enabled: true }]));
    const made = await templateOf('release', 'default', { ...values, nodeFeatureRules: { enabled: true } });
    const rules = made.filter(({ kind }) => kind === 'NodeFeatureRule');
    expect(comparable(rules, false)).toEqual(comparable(await manifestsOf('deployments/nfd'), false));
  });
});

/** Everything is set, and nothing as it is by itself. */
const everything = {
  namespaceOverride: 'plugins',
  image: { registry: 'registry.example.com:5000/x', tag: '1.2', pullPolicy: 'Always' },
  imagePullSecrets: [{ name: 'secret' }],
  verbosity: 3,
  extraEnv: [{ name: 'KDP_SCAN_PERIOD', value: '1s' }],
  extraVolumes: [{ name: 'xpumd', hostPath: { path: '/run/xpumd', type: 'DirectoryOrCreate' } }],
  extraVolumeMounts: [{ name: 'xpumd', mountPath: '/run/xpumd' }],
  extraContainers: [{ name: 'sidecar', image: 'sidecar:1' }],
  podAnnotations: { a: 'b' },
  podLabels: { c: 'd', app: 'other' },
  podSecurityContext: { fsGroup: 1 },
  affinity: { nodeAffinity: {} },
  kubeletRootDir: '/var/snap/kubelet',
  metrics: { port: 9090, podMonitor: { enabled: true, labels: { release: 'prometheus' } } },
  nodeFeatureRules: { enabled: true },
  gpu: { enabled: true, allocationPolicy: 'packed', sharedDevNum: 2, denyIDs: '0x56a0' },
  qat: {
    enabled: true,
    priorityClassName: '',
    resources: { limits: { memory: null } },
    dpdkDriver: 'igb_uio',
    kernelVfDrivers: 'c6xxvf,4xxxvf',
    maxNumDevices: 32,
    allocationPolicy: 'packed',
  },
  fpga: {
    enabled: true,
    nodeMode: { enabled: true },
    initImage: { enabled: true },
    image: { digest: `sha256:${'0'.repeat(64)}` },
  },
  simple: { enabled: true, config: { resources: [] }, metrics: { enabled: false } },
};

describe.skipIf(!hasHelm)('charts/kube-device-plugins', patience, () => {
  it.each([{}, everything])('is found sound by helm', async (values) => {
    expect(await lintChart(values)).toContain('0 chart(s) failed');
  });

  it('makes nothing by itself, and says what to do', async () => {
    expect(await templateOf('release', 'default', {})).toEqual([]);
    expect(await notesOf({})).toContain('No plugin is enabled: set gpu.enabled');
  });

  it('makes objects that fit the schemas of Kubernetes, whatever is set', async () => {
    const made = await templateOf('release', 'default', everything);
    expect(made).toHaveLength(4 + 3 + 1 + 3 + 4);
    for (const manifest of made)
      expect([manifest.metadata.name, await schemaProblems(manifest)]).toEqual([manifest.metadata.name, []]);
    const text = JSON.stringify(made);
    for (const word of [
      '-deny-ids=0x56a0',
      '-max-num-devices=32',
      '/var/snap/kubelet/device-plugins',
      `@sha256:${'0'.repeat(64)}`,
    ]) {
      expect(text).toContain(word);
    }
    expect(text.match(/"-metrics-bind-address=:9090"/g)).toHaveLength(3);
    expect(text.match(/"-metrics-bind-address=0"/g)).toHaveLength(1);
    expect(text).not.toContain(':null');
    expect(text.match(/priorityClassName/g)).toHaveLength(3);
    for (const { spec } of made.filter(({ kind }) => kind === 'DaemonSet') as DaemonSet[]) {
      // What selects pods cannot be taken away from them.
      expect(spec.template.metadata.labels).toMatchObject({ ...spec.selector.matchLabels, c: 'd' });
    }
  });

  it('has the flags of plugins in one process, and nodes follow a change of them', async () => {
    const values = { plugins: ['gpu', 'simple'], flags: { gpu: ['-shared-dev-num=10', '-enable-monitoring'] } };
    const made = await templateOf('release', 'default', { all: { enabled: true, ...values } });
    expect(made.find(({ kind }) => kind === 'ConfigMap')).toMatchObject({
      data: { 'gpu.flags': '-shared-dev-num=10\n-enable-monitoring\n', 'simple.flags': '' },
    });
    const other = await templateOf('release', 'default', { all: { enabled: true, plugins: ['gpu', 'simple'] } });
    const podsOf = (manifests: readonly Manifest[]) => manifests.find(({ kind }) => kind === 'DaemonSet')?.spec;
    expect(podsOf(made)).not.toEqual(podsOf(other));
    for (const manifest of made) expect(await schemaProblems(manifest)).toEqual([]);
  });

  it("takes the names of Intel's charts, and says that they are old", async () => {
    const image = { hub: 'registry.example.com', tag: '2' };
    const old = { image, logLevel: 4, nodeFeatureRule: true, deployWithoutOperator: true };
    const values = { qat: { enabled: true, ...old, initImage: { enable: true, hub: 'registry.example.org' } } };
    const text = JSON.stringify(await templateOf('release', 'default', values));
    expect(text).toContain('"registry.example.com/intel-qat-plugin:2"');
    expect(text).toContain('"registry.example.org/intel-qat-initcontainer:2"');
    expect(text).toContain('{"name":"VERBOSITY","value":"4"}');
    expect(text).toContain('"kind":"NodeFeatureRule"');
    const notes = await notesOf(values);
    for (const name of [
      'logLevel',
      'nodeFeatureRule',
      'image.hub',
      'initImage.hub',
      'initImage.enable',
      'deployWithoutOperator',
    ]) {
      expect(notes).toContain(`DEPRECATED: ${name} is the name of others for it: use `);
    }
  });

  it('has the version of the workspace', () => {
    const root = join(import.meta.dirname, '..');
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    const metadata = parse(readFileSync(join(root, 'charts/kube-device-plugins/Chart.yaml'), 'utf8')) as object;
    expect(metadata).toMatchObject({ version, appVersion: version });
  });
});

type Labels = Readonly<Record<string, string>>;
type DaemonSet = Manifest & {
  readonly spec: {
    readonly selector: { readonly matchLabels: Labels };
    readonly template: { readonly metadata: { readonly labels: Labels } };
  };
};
type Labelled = Manifest & { readonly data?: Labels; readonly metadata: { readonly labels?: Labels } };

/** Without what tells the two tools apart, and without the order of what has none. */
function comparable(manifests: readonly Manifest[], withoutNamespace: boolean): unknown[] {
  return manifests
    .map(withoutHash)
    .map((manifest) => {
      const { metadata, data, ...rest } = manifest as Labelled;
      const { namespace, labels = {}, ...others } = metadata;
      return {
        ...ordered(rest),
        metadata: {
          ...others,
          ...(withoutNamespace || namespace === undefined ? {} : { namespace }),
          labels: Object.fromEntries(Object.entries(labels).filter(([name]) => !ofTool.includes(name))),
        },
        ...(data === undefined
          ? {}
          : { data: Object.entries(data).map(([key, text]) => [key, parse(text) as unknown]) }),
      };
    })
    .sort((a, b) => idOf(a).localeCompare(idOf(b)));
}

const ofTool = [
  'app.kubernetes.io/instance',
  'app.kubernetes.io/managed-by',
  'app.kubernetes.io/version',
  'helm.sh/chart',
];

/** What makes a change of a ConfigMap a rolling update: a hash in its name, or in an annotation of the pods. */
function withoutHash(manifest: Manifest): Manifest {
  const text = JSON.stringify(manifest)
    .replaceAll(/"kube-device-plugins-[a-z0-9]{10}"/g, '"kube-device-plugins"')
    .replaceAll(/,"annotations":\{"checksum\/flags":"[0-9a-f]{64}"\}/g, '');
  return JSON.parse(text) as Manifest;
}

function idOf(manifest: object): string {
  const { kind, metadata } = manifest as Manifest;
  return `${kind} ${metadata.name}`;
}

/** Volumes, mounts and variables by their names; arguments, containers and rules stay in their order. */
function ordered<T>(value: T): T {
  if (Array.isArray(value)) return value.map((item: unknown) => ordered(item)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, child]: [string, unknown]) => {
    const isUnordered = ['volumes', 'volumeMounts', 'env'].includes(key);
    const list = isUnordered ? [...(child as Container[])].sort((a, b) => a.name.localeCompare(b.name)) : child;
    return [key, ordered(list)];
  });
  return Object.fromEntries(entries) as T;
}
