// SPDX-License-Identifier: Apache-2.0
// A plugin on the core for the host of simple-plugin's soak, which the variable BREAKS has break one invariant, and no other.
import {
  DevicePluginError,
  type AllocateRequest,
  type AllocateResponse,
  DeviceTree,
  type DevicePlugin,
  type Health,
  type Host,
  type Notifier,
  rescan,
  runPlugin,
} from '@kube-device-plugins/core';
import { openSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const devices = 4;

class BrokenPlugin implements DevicePlugin {
  readonly #host: Host;
  readonly #broken: string | undefined;

  constructor(host: Host, broken: string | undefined) {
    this.#host = host;
    this.#broken = broken;
  }

  async scan(notifier: Notifier, signal: AbortSignal): Promise<void> {
    await rescan({ everyMs: 1_000, watch: [this.#host.path('/dev/soak')] }, signal, async () => {
      const found = await this.#host.list('/dev/soak');
      const tree = new DeviceTree();
      for (let index = 0; index < devices; index++) {
        const isThere = found.includes(`named-${index}`) || this.#broken === 'allocatable-is-truth';
        this.#add(tree, `named-${index}`, isThere ? 'Healthy' : 'Unhealthy');
        if (found.includes(`matched-${index}`)) this.#add(tree, `matched-${index}`, 'Healthy');
      }
      if (!found.some((name) => name.startsWith('matched'))) tree.addResource('matched');
      notifier.notify(tree);
    });
  }

  postAllocate(response: AllocateResponse): void {
    if (this.#broken !== 'one-pod-per-device') return;
    for (const { devices: nodes } of response.containerResponses)
      for (const node of nodes) node.hostPath = '/dev/soak/named-0';
  }

  #add(tree: DeviceTree, name: string, health: Health): void {
    const hostPath = this.#host.path(`/dev/soak/${name}`);
    const nodes = [{ hostPath, containerPath: `/dev/${name}`, permissions: 'rw' }];
    tree.addDevice(name.replace(/-.*/, ''), `soak/${name}`, { health, nodes });
  }
}

/** Answers whatever it is asked. */
function allocateAnything({ containerRequests }: AllocateRequest): Promise<AllocateResponse> {
  const nothing = { envs: {}, annotations: {}, mounts: [], devices: [], cdiDevices: [] };
  return Promise.resolve({ containerResponses: containerRequests.map(() => nothing) });
}

const allocates: Record<string, NonNullable<DevicePlugin['allocate']>> = {
  'healthy-devices-only': allocateAnything,
  'free-device-is-given': () => Promise.reject(new DevicePluginError('DEVICE_UNKNOWN', 'there is nothing to give')),
  'nothing-hangs': () => new Promise(() => undefined),
};

const kept: unknown[] = [];
let count = 0;

/** What breaks in the process, whatever its devices. */
const breakage: Record<string, (pluginDirectory: string) => void> = {
  'no-unhandled-error': () => setTimeout(() => void Promise.reject(new Error('nobody waits for this')), 1_000),
  'no-unasked-exit': () => setTimeout(() => process.exit(0), 1_000),
  'ends-in-order': () => process.on('SIGTERM', () => process.exit(3)),
  'no-log-flood': () => setInterval(() => process.stderr.write('I1121 the same line once more\n'.repeat(20)), 50),
  'no-socket-left': (directory) =>
    setInterval(() => kept.push(createServer().listen(join(directory, `left-${count++}.sock`))), 300),
  'no-file-leak': () => setInterval(() => kept.push(openSync('/dev/null', 'r')), 50),
  'no-handle-leak': () => setInterval(() => kept.push(setTimeout(() => undefined, 1e9)), 50),
  'no-heap-leak': () => setInterval(() => kept.push(Array.from({ length: 2_000 }, () => ({ count: count++ }))), 20),
  // Variables of the environment are in the memory of libc.
  'no-memory-leak': () => setInterval(() => (process.env[`LEAK_${count++}`] = 'x'.repeat(100_000)), 10),
  'memory-is-bounded': () => kept.push(Buffer.alloc(250 * 2 ** 20, 'x')),
  // So much work, and not so much time: on a busy machine the time would pass by itself.
  'idle-is-idle': () =>
    setInterval(() => {
      for (let left = 3e7; left > 0; left--) count ^= left;
    }, 60),
};

await runPlugin({
  name: 'broken-plugin',
  namespace: 'soak.example.com',
  flags: {},
  // The file is simple-plugin's, and says nothing to this one.
  config: { keys: ['resources'], schema: {}, check: () => undefined },
  create: ({ devicePluginPath }, host, { BREAKS: broken = '' }) => {
    breakage[broken]?.(devicePluginPath);
    const plugin: DevicePlugin = new BrokenPlugin(host, broken);
    const allocate = allocates[broken];
    return allocate === undefined ? plugin : Object.assign(plugin, { allocate });
  },
});
