// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readListOnce, RunningPlugin } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { cardTree, gpuTree, type FakeCard } from './fixtures/gpu-tree.ts';
import { command, useWorld } from './world.ts';

const world = useWorld();
const [i915, xe] = ['gpu.intel.com/i915', 'gpu.intel.com/xe'] as const;

/** The cards of A-G19. */
const cards: Record<number, FakeCard> = {
  0: { bdf: '0042:01:02.0', driver: 'i915', deviceId: '0x9a49', numaNode: 0 },
  1: { bdf: '0042:01:05.0', driver: 'xe', deviceId: '0x9a48', numaNode: 1 },
};

describe('gpu-plugin', () => {
  it('A-G19: lists and allocates cards with all that belongs to them', async () => {
    await world.host.add(gpuTree(cards));
    world.launch();
    const lists = [];
    for (const resource of [i915, xe]) {
      const { socketPath = '' } = await world.kubelet.waitFor({ resource, devices: 1 });
      lists.push(await readListOnce(socketPath));
    }
    expect(lists).toEqual([
      [{ ID: 'card0-0', health: 'Healthy', topology: { nodes: [{ ID: 0 }] } }],
      [{ ID: 'card1-0', health: 'Healthy', topology: { nodes: [{ ID: 1 }] } }],
    ]);
    const { root } = world.host;
    expect(await world.kubelet.describeDevice(i915, 'card0-0')).toEqual({
      envs: {},
      annotations: {},
      devices: [
        {
          containerPath: `${root}/dev/dri/card0`,
          hostPath: `${root}/dev/dri/card0`,
          permissions: 'rw',
        },
        {
          containerPath: `${root}/dev/dri/renderD128`,
          hostPath: `${root}/dev/dri/renderD128`,
          permissions: 'rw',
        },
      ],
      mounts: [
        {
          containerPath: `${root}/dev/dri/by-path/pci-0042:01:02.0-card`,
          hostPath: `${root}/dev/dri/by-path/pci-0042:01:02.0-card`,
          readOnly: true,
        },
        {
          containerPath: `${root}/dev/dri/by-path/pci-0042:01:02.0-render`,
          hostPath: `${root}/dev/dri/by-path/pci-0042:01:02.0-render`,
          readOnly: true,
        },
      ],
      cdiDevices: [{ name: 'intel.cdi.k8s.io/gpu=card0' }],
    });
    expect(await world.kubelet.describeDevice(xe, 'card1-0')).toEqual({
      envs: {},
      annotations: {},
      devices: [
        {
          containerPath: `${root}/dev/dri/card1`,
          hostPath: `${root}/dev/dri/card1`,
          permissions: 'rw',
        },
        {
          containerPath: `${root}/dev/dri/renderD129`,
          hostPath: `${root}/dev/dri/renderD129`,
          permissions: 'rw',
        },
      ],
      mounts: [
        {
          containerPath: `${root}/dev/dri/by-path/pci-0042:01:05.0-card`,
          hostPath: `${root}/dev/dri/by-path/pci-0042:01:05.0-card`,
          readOnly: true,
        },
        {
          containerPath: `${root}/dev/dri/by-path/pci-0042:01:05.0-render`,
          hostPath: `${root}/dev/dri/by-path/pci-0042:01:05.0-render`,
          readOnly: true,
        },
      ],
      cdiDevices: [{ name: 'intel.cdi.k8s.io/gpu=card1' }],
    });
  });

  it('A-G19: keeps the CDI specs of the cards written', async () => {
    await world.host.add(gpuTree(cards));
    world.launch();
    await world.kubelet.waitFor({ resource: xe, devices: 1 });
    const names = ['intel.cdi.k8s.io-gpu-card0.yaml', 'intel.cdi.k8s.io-gpu-card1.yaml'];
    const directory = join(world.directory, 'cdi');
    await expect.poll(async () => (await readdir(directory).catch(() => [])).sort()).toEqual(names);
    const { root } = world.host;
    expect(await readFile(join(directory, 'intel.cdi.k8s.io-gpu-card1.yaml'), 'utf8')).toBe(`---
cdiVersion: "0.5.0"
kind: "intel.cdi.k8s.io/gpu"
devices:
  - name: "card1"
    containerEdits:
      deviceNodes:
        - path: "${root}/dev/dri/card1"
          hostPath: "${root}/dev/dri/card1"
          permissions: "rw"
        - path: "${root}/dev/dri/renderD129"
          hostPath: "${root}/dev/dri/renderD129"
          permissions: "rw"
      mounts:
        - hostPath: "${root}/dev/dri/by-path/pci-0042:01:05.0-card"
          containerPath: "${root}/dev/dri/by-path/pci-0042:01:05.0-card"
          type: "none"
          options:
            - "bind"
            - "ro"
        - hostPath: "${root}/dev/dri/by-path/pci-0042:01:05.0-render"
          containerPath: "${root}/dev/dri/by-path/pci-0042:01:05.0-render"
          type: "none"
          options:
            - "bind"
            - "ro"
`);
  });

  it('tells the kubelet at once of cards that come and go, by their events', async () => {
    await world.host.add(gpuTree({ 0: {} }));
    world.launch(['-enable-monitoring', '-shared-dev-num', '2']);
    await world.kubelet.waitFor({ resource: i915, devices: ['card0-0', 'card0-1'] });
    await world.host.add(cardTree(1, {}));
    await world.kubelet.waitFor({ resource: i915, devices: 4 });
    await world.kubelet.waitFor({ resource: 'gpu.intel.com/monitoring', devices: ['all'] });
    await world.host.remove('dev/dri');
    await world.kubelet.waitFor({ resource: i915, devices: 0, state: 'connected' });
  });

  it('makes ids and CDI names of PCI addresses, so that they survive a reboot', async () => {
    await world.host.add(gpuTree({ 0: { bdf: '0000:03:00.0' }, 1: { bdf: '0000:04:00.0' } }));
    world.launch(['-id-style=pci']);
    await world.kubelet.waitFor({ resource: i915, devices: ['0000:03:00.0-0', '0000:04:00.0-0'] });
    const { devices, cdiDevices } = await world.kubelet.describeDevice(i915, '0000:04:00.0-0');
    expect(devices[0]?.hostPath).toBe(`${world.host.root}/dev/dri/card1`);
    expect(cdiDevices).toEqual([{ name: 'intel.cdi.k8s.io/gpu=0000:04:00.0' }]);
    expect(await readdir(join(world.directory, 'cdi'))).toContain('intel.cdi.k8s.io-gpu-0000%3a04%3a00.0.yaml');
  });

  it('gives integrated and discrete cards resources of their own', async () => {
    await world.host.add(gpuTree({ 0: { bdf: '0000:00:02.0' }, 1: { deviceId: '0x56c0' } }));
    world.launch(['-resource-name-template', 'class=integrated:igpu,{driver}-{device}']);
    await world.kubelet.waitFor({ resource: 'gpu.intel.com/igpu', devices: ['card0-0'] });
    await world.kubelet.waitFor({ resource: 'gpu.intel.com/i915-56c0', devices: ['card1-0'] });
  });

  it('gives a container what its policy prefers', async () => {
    await world.host.add(gpuTree({ 2: {}, 10: {} }));
    world.launch(['-shared-dev-num=2', '-allocation-policy=packed']);
    await world.kubelet.waitFor({ resource: i915, devices: 4 });
    const pod = await world.kubelet.admit({ pod: 'p', containers: [{ name: 'c', limits: { [i915]: 2 } }] });
    expect(pod.containers.c.deviceIds[i915]?.toSorted()).toEqual(['card2-0', 'card2-1']);
    expect(pod.containers.c.devices).toHaveLength(2);
  });

  it.each([
    [['-shared-dev-num=0'], 'argument error: the number of containers sharing the same GPU must greater than zero'],
    [['-resource-manager'], 'v0.34.0'],
    [['-allow-ids', 'x'], 'argument error: failed to validate allow-ids: invalid PCI ID: x'],
    [['-health-bad-readings', '0'], 'must be at least 1'],
    [['-id-style', 'name'], '-id-style'],
  ])('exits with 2 for the flags %j, and registers nothing', async (flags, message) => {
    const plugin = new RunningPlugin([...command, ...flags]);
    expect(await plugin.exited).toBe(2);
    expect(plugin.stderr).toContain(message);
  });

  it('warns of an unknown -bypath', async () => {
    await world.host.add(gpuTree({ 0: {} }));
    const plugin = world.launch(['-bypath', 'off']);
    await world.kubelet.waitFor({ resource: i915, devices: 1 });
    expect(plugin.stderr).toContain('unknown -bypath is taken for single');
    expect((await world.kubelet.describeDevice(i915, 'card0-0')).mounts).toHaveLength(2);
  });

  it.each<[string, readonly string[], FakeCard, RegExp]>([
    [
      '-allow-ids',
      ['-allow-ids=0x1111'],
      {},
      /^I.* "card is left out" subject="card0" .*0x56c0 is not in -allow-ids/gm,
    ],
    [
      'a rule without a name',
      ['-resource-name-template=:'],
      {},
      /^I.*"card is left out" subject="card0" .*-template/gm,
    ],
    ['virtual functions', [], { sriovNumvfs: '2' }, /^I.* "card is left out" subject="card0" .*virtual functions/gm],
    ['a vendor that is none', [], { vendor: '' }, /^W.* "card is left out" subject="card0" .*its vendor is/gm],
  ])('says once why it publishes nothing, by %s', async (_what, flags, card, line) => {
    await world.host.add(gpuTree({ 0: card, 1: { vendor: '0x10de' } }));
    const plugin = world.launch(['-scan-period=100ms', ...flags]);
    await expect.poll(() => plugin.stderr).toMatch(/^I.* "no Intel GPU is published" leftOut=2$/m);
    // Some more scans; how many does not matter.
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(plugin.stderr.match(line)).toHaveLength(1);
    expect(plugin.stderr.match(/ is published" /g)).toHaveLength(1);
    expect(plugin.stderr).not.toContain('card1');
  });

  it('says that the last card has gone', async () => {
    await world.host.add(gpuTree({ 0: {} }));
    const plugin = world.launch();
    await world.kubelet.waitFor({ resource: i915, devices: 1 });
    expect(plugin.stderr).not.toContain('is published');
    await world.host.remove('sys/class/drm/card0');
    await world.host.remove('dev/dri/card0');
    await expect.poll(() => plugin.stderr).toContain('"no Intel GPU is published" leftOut=0');
  });

  it('tells of each thing that is not as it should be once, and when it is', async () => {
    await world.host.add(gpuTree({ 0: {}, 1: { nodes: [] }, 2: { vendor: '0x10de' } }));
    const plugin = world.launch(['-scan-period=100ms', '-v=2']);
    await world.kubelet.waitFor({ resource: i915, devices: ['card0-0'] });
    // Some more scans; how many does not matter.
    await new Promise((resolve) => setTimeout(resolve, 500));
    await world.host.add(cardTree(1, {}));
    await world.kubelet.waitFor({ resource: i915, devices: ['card0-0', 'card1-0'] });
    await expect.poll(() => plugin.stderr).toContain('"no longer" what="card is left out" subject="card1"');
    expect(plugin.stderr.match(/^W.* "card is left out" subject="card1"/gm)).toHaveLength(1);
    expect(plugin.stderr.match(/^I.* "card is left out" subject="card2" .*not Intel/gm)).toHaveLength(1);
  });
});
