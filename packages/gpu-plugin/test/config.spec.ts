// SPDX-License-Identifier: Apache-2.0
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunningPlugin } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { gpuTree } from './fixtures/gpu-tree.ts';
import { useWorld } from './world.ts';

const world = useWorld();
const [i915, monitoring] = ['gpu.intel.com/i915', 'gpu.intel.com/monitoring'] as const;
let version = 0;

/** What the kubelet does to a mounted ConfigMap: a new directory, and one rename of the symlink that all files go through. */
async function publish(config: string): Promise<void> {
  version += 1;
  const at = (name: string): string => join(world.directory, 'etc', name);
  await mkdir(at(`..${version}`), { recursive: true });
  await writeFile(at(`..${version}/gpu.yaml`), config);
  await symlink(`..${version}`, at('..data_tmp'));
  await rename(at('..data_tmp'), at('..data'));
}

async function launch(config: string, flags: readonly string[] = []): Promise<RunningPlugin> {
  await world.host.add(gpuTree({ 0: {}, 1: {} }));
  await publish(config);
  await symlink('..data/gpu.yaml', join(world.directory, 'etc', 'gpu.yaml'));
  return world.launch(['-config', join(world.directory, 'etc', 'gpu.yaml'), ...flags]);
}

/** How often each resource registers, is listed and loses its stream from now on. */
function countEvents(): Record<string, number> {
  const counts: Record<string, number> = {};
  world.kubelet.subscribe((event) => {
    if (event.type !== 'listed' && event.type !== 'registered' && event.type !== 'streamEnded') return;
    const key = `${event.resource} ${event.type}`;
    counts[key] = (counts[key] ?? 0) + 1;
  });
  return counts;
}

describe('gpu-plugin with -config', () => {
  it('takes flags of the file where the command line has none, and leaves alone what a change does not concern', async () => {
    const plugin = await launch('shared-dev-num: 1\nenable-monitoring: true\nscan-period: 100ms\n');
    await world.kubelet.waitFor({ resource: i915, devices: ['card0-0', 'card1-0'] });
    await world.kubelet.waitFor({ resource: monitoring, devices: 1, state: 'connected' });
    const events = countEvents();
    await publish('shared-dev-num: 2\nenable-monitoring: true\nv: 2\n');
    await world.kubelet.waitFor({ resource: i915, devices: ['card0-0', 'card0-1', 'card1-0', 'card1-1'] });
    await publish('shared-dev-num: 2\n');
    await world.kubelet.waitFor({ resource: monitoring, devices: 0 });
    await publish('shared-dev-num: 1\nenable-monitoring: true');
    await world.kubelet.waitFor({ resource: i915, devices: ['card0-0', 'card1-0'] });
    await world.kubelet.waitFor({ resource: monitoring, devices: 1 });
    expect(events).toMatchObject({ [`${i915} listed`]: 2, [`${monitoring} registered`]: 1 });
    expect(events[`${i915} registered`]).toBeUndefined();
    expect(events[`${i915} streamEnded`]).toBeUndefined();
    await expect.poll(() => plugin.stderr.match(/"configuration has changed and is applied"/g)).toHaveLength(3);
    expect(await plugin.stop()).toBe(0);
  });

  it('stays with what was good when the file is wrong, and says where and what would be right', async () => {
    const plugin = await launch('shared-dev-num: 2\n');
    await world.kubelet.waitFor({ resource: i915, devices: 4 });
    const events = countEvents();
    await publish('shared-dev-nums: 3\n\nscan-period: 5\n');
    await expect.poll(() => plugin.stderr).toMatch(/gpu\.yaml:3:14: scan-period: has to be text such as 5s/);
    expect(plugin.stderr).toContain('the last good one stays');
    expect(plugin.stderr).toMatch(/gpu\.yaml:1:1: shared-dev-nums: is not a key .* did you mean shared-dev-num\?/);
    await publish('shared-dev-num: 2\nallocation-policy: best\n');
    await expect
      .poll(() => plugin.stderr)
      .toMatch(/gpu\.yaml:2:20: allocation-policy: argument error: invalid value for preferredAllocationPolicy/);
    expect(events).toEqual({});
    await publish('shared-dev-num: 1\n');
    await world.kubelet.waitFor({ resource: i915, devices: 2 });
    expect(events).toEqual({ [`${i915} listed`]: 1 });
  });

  it('takes a device out of service and puts it back', async () => {
    const plugin = await launch('shared-dev-num: 2\n');
    await world.kubelet.waitFor({ resource: i915, devices: 4, allocatable: 4 });
    await publish(
      'shared-dev-num: 2\nmaintenance:\n  - { device: card1, reason: RMA 1234 }\n  - { device: card9*, reason: gone }\n',
    );
    await world.kubelet.waitFor({
      resource: i915,
      devices: { 'card0-0': 'Healthy', 'card0-1': 'Healthy', 'card1-0': 'Unhealthy', 'card1-1': 'Unhealthy' },
    });
    await expect.poll(() => plugin.stderr).toMatch(/"device is unhealthy" .* reason="maintenance: RMA 1234"/);
    expect(plugin.stderr).toMatch(/"maintenance of a device that is not there" subject="card9\*"/);
    await publish(
      'shared-dev-num: 2\nmaintenance: [{ device: card1-0, reason: RMA 1234, until: 2199-01-01T00:00:00Z }]\n',
    );
    await world.kubelet.waitFor({ resource: i915, capacity: 4, allocatable: 3 });
    await publish(
      'shared-dev-num: 2\nmaintenance: [{ device: card1-0, reason: RMA 1234, until: 2020-01-01T00:00:00Z }]\n',
    );
    await world.kubelet.waitFor({ resource: i915, capacity: 4, allocatable: 4 });
    await expect.poll(() => plugin.stderr).toMatch(/"maintenance is over" subject="card1-0" reason="RMA 1234"/);
  });

  it('names the flags that wait for the next start', async () => {
    const plugin = await launch('registration: register\n');
    await world.kubelet.waitFor({ resource: i915, devices: 2 });
    await publish('registration: watcher\nlogging-format: json\ncdi-dir: /else\n');
    // The command line has -cdi-dir, so that the file changes nothing.
    await expect
      .poll(() => plugin.stderr)
      .toMatch(/"flags have changed .* restart the plugin" flags=\["-registration","-logging-format"\]/);
  });

  it.each([
    ['shared-dev-num: many', /gpu\.yaml:1:17: shared-dev-num: has to be a whole number/],
    ['config: /etc/x', /gpu\.yaml:1:1: config: names this file, so it is on the command line/],
    ['allow-ids: 0x56c0', /gpu\.yaml:1:12: allow-ids: has to be text; put it in quotes/],
    ['a: [', /gpu\.yaml:1:\d: /],
  ])('does not start with %j', async (config, message) => {
    const plugin = await launch(config);
    expect(await plugin.exited).toBe(1);
    expect(plugin.stderr).toMatch(message);
  });
});
