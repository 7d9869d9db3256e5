// SPDX-License-Identifier: Apache-2.0
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunningPlugin } from '@kube-device-plugins/testkit';
import { useWorld } from './world.ts';

const world = useWorld();

describe('a configuration that changes', () => {
  const fuse = '{ name: a.b/fuse, devices: [{ path: /dev/fuse }] }';
  const tun = (permissions: string): string =>
    `{ name: a.b/tun, devices: [{ path: /dev/net/tun }, { path: /dev/tap, permissions: ${permissions} }] }`;
  let version = 0;

  /** What the kubelet does to a mounted ConfigMap: a new world.directory, and one rename of the symlink that all files go through. */
  async function publish(config: string): Promise<void> {
    version += 1;
    const at = (name: string): string => join(world.directory, 'etc', name);
    await mkdir(at(`..${version}`), { recursive: true });
    await writeFile(at(`..${version}/config.yaml`), config);
    await symlink(`..${version}`, at('..data_tmp'));
    await rename(at('..data_tmp'), at('..data'));
  }

  async function startWithConfigMap(config: string): Promise<RunningPlugin> {
    await publish(config);
    await symlink('..data/config.yaml', join(world.directory, 'etc', 'config.yaml'));
    return world.launch(['-config', join(world.directory, 'etc', 'config.yaml')]);
  }

  /** Every message of every stream from now on, by resource. */
  function countLists(): Record<string, number> {
    const counts: Record<string, number> = {};
    world.kubelet.subscribe((event) => {
      if (event.type !== 'listed') return;
      counts[event.resource] = (counts[event.resource] ?? 0) + 1;
    });
    return counts;
  }

  it('is applied, and resources that it leaves as they are get no message', async () => {
    await world.plug('/dev/fuse', '10:229');
    const plugin = await startWithConfigMap(`resources: [${fuse}, ${tun('rw')}]`);
    await world.kubelet.waitFor({ resource: 'a.b/fuse', devices: { fuse: 'Healthy' } });
    await world.kubelet.waitFor({ resource: 'a.b/tun', devices: 2 });
    const lists = countLists();
    await publish(
      `resources: [${fuse}, { name: a.b/tun, devices: [{ path: /dev/net/tun }] }, ${tun('r').replace('a.b/tun', 'a.b/tap')}]`,
    );
    await world.kubelet.waitFor({ resource: 'a.b/tun', devices: { 'net/tun': 'Unhealthy' } });
    await world.kubelet.waitFor({ resource: 'a.b/tap', devices: 2 });
    await publish(`resources: [${fuse}, ${tun('rw')}]`);
    await world.kubelet.waitFor({ resource: 'a.b/tun', devices: 2 });
    await world.kubelet.waitFor({ resource: 'a.b/tap', devices: 0 });
    expect(world.kubelet.resources().get('a.b/fuse')).toMatchObject({ state: 'connected', registrations: 1 });
    expect(lists).toMatchObject({ 'a.b/tun': 2 });
    expect(lists['a.b/fuse']).toBeUndefined();
    await expect.poll(() => plugin.stderr.match(/"configuration has changed and is applied"/g)).toHaveLength(2);
  });

  it('leaves what was good in place when it is wrong, and says why once', async () => {
    await world.plug('/dev/fuse', '10:229');
    const plugin = await startWithConfigMap(`resources: [${fuse}]`);
    await world.kubelet.waitFor({ resource: 'a.b/fuse', devices: { fuse: 'Healthy' } });
    const lists = countLists();
    await publish(`resources: [${fuse}, { name: fuse, devices: [] }]`);
    const reason =
      /the last good one stays" reason=<\n.*config\.yaml:1:\d+: resources\[1\]\.name: "fuse" is not of the form/g;
    await expect.poll(() => plugin.stderr.match(reason)?.length).toBe(1);
    plugin.signal('SIGUSR1');
    await publish(`resources: [${fuse}, ${tun('rw')}]`);
    await world.kubelet.waitFor({ resource: 'a.b/tun', devices: 2 });
    expect(plugin.stderr.match(reason)).toHaveLength(1);
    expect(lists['a.b/fuse']).toBeUndefined();
  });
});
