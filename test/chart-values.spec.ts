// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { hasHelm, templateOf, warnWithoutHelm } from './support/helm.ts';

warnWithoutHelm('values of the Helm chart are not checked');

/** Helm may take seconds on a machine that does other things as well. */
const patience = { timeout: 60_000 };

const podMonitor = { podMonitor: { enabled: true } };
const simulated = (resourceName: string) => ({ simple: { enabled: true, simulator: { enabled: true, resourceName } } });
const configured = (name: string) => ({ simple: { enabled: true, config: { resources: [{ name, devices: [] }] } } });

describe.skipIf(!hasHelm)('values of charts/kube-device-plugins', patience, () => {
  it.each([
    [{ mode: 'region' }, true],
    [{ mode: 'region', initImage: { enabled: false } }, false],
    [{ mode: 'regiondevel' }, false],
    [{ mode: 'af', initImage: { enable: true } }, true],
  ])('installs the hook of fpga-plugin with %j: %s', async (values, isInstalled) => {
    const text = JSON.stringify(await templateOf('release', 'default', { fpga: { enabled: true, ...values } }));
    expect(text.includes('"initContainers":[{')).toBe(isInstalled);
    expect(text.includes('"path":"/opt/intel/fpga-sw"')).toBe(isInstalled);
  });

  it.each([
    [{ metrics: podMonitor, gpu: { enabled: true }, simple: { enabled: true, metrics: { enabled: false } } }],
    [{ metrics: { enabled: false, ...podMonitor }, gpu: { enabled: true, metrics: { enabled: true } } }],
  ])('makes a PodMonitor only of plugins that have metrics: %j', async (values) => {
    const made = await templateOf('release', 'default', values);
    const monitors = made.filter(({ kind }) => kind === 'PodMonitor');
    expect(monitors.map(({ metadata }) => metadata.name)).toEqual(['intel-gpu-plugin']);
  });

  it('takes a configuration that has other keys than resources', async () => {
    const config = { resources: null, devices: [{ name: 'fuse', groups: [] }] };
    expect(await templateOf('release', 'default', { simple: { enabled: true, config } })).toHaveLength(2);
  });

  it.each([
    [{ gpuu: { enabled: true } }, /gpuu/],
    [{ gpu: { enabled: 'yes' } }, /gpu.enabled/],
    [{ gpu: { sharedDevNum: 0 } }, /gpu.sharedDevNum/],
    [{ all: { plugins: ['npu'] } }, /all.plugins/],
    [{ all: { enabled: true }, gpu: { enabled: true } }, /both would register the same resources/],
    [{ gpu: { allowIDs: '56a0' } }, /gpu.allowIDs/],
    [{ gpu: { enabled: true, allowIDs: '0x56a0', denyIDs: '0x56a1' } }, /gpu.allowIDs and gpu.denyIDs/],
    [{ gpu: { mode: 'af' } }, /mode/],
    [{ qat: { initImage: { tags: '1' } } }, /tags/],
    [{ fpga: { mode: 'ap' } }, /fpga.mode/],
    [{ simple: { simulator: { numberDevices: 1.5 } } }, /numberDevices/],
    [{ simple: { simulator: { resourceName: 'device' } } }, /resourceName/],
    [{ simple: { simulator: { resourceName: 'example..com/x' } } }, /resourceName/],
    [simulated('kubernetes.io/x'), /kubernetes.io\/x: kubelets keep/],
    [simulated('sub.kubernetes.io/x'), /sub.kubernetes.io\/x: kubelets keep/],
    [simulated('requests.example.com/x'), /requests.example.com\/x: kubelets keep/],
    [configured('Bad/x_'), /config.resources/],
    [{ simple: { config: { resources: [{ devices: [] }] } } }, /config.resources/],
    [configured('kubernetes.io/x'), /kubernetes.io\/x: kubelets keep/],
    [{ image: { digest: 'sha256:1' } }, /image.digest/],
    [{ verbosity: '4' }, /verbosity/],
    [{ resources: { limits: { memory: '160 MiB' } } }, /resources.limits.memory/],
    [{ metrics: { port: 0 } }, /metrics.port/],
    [{ metrics: { enabled: false, ...podMonitor }, gpu: { enabled: true } }, /gpu has no metrics/],
    [{ qat: { enabled: true, metrics: { enabled: false, ...podMonitor } } }, /qat has no metrics/],
    [{ metrics: { enabled: false }, all: { enabled: true, metrics: podMonitor } }, /all has no metrics/],
    [{ tolerations: [{ operator: 'Exist' }] }, /tolerations/],
    [{ extraArgs: ['v=4'] }, /extraArgs/],
  ])('refuses %j', async (values, told) => {
    await expect(templateOf('release', 'default', values)).rejects.toThrow(told);
  });
});
