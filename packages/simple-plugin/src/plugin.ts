// SPDX-License-Identifier: Apache-2.0
import {
  DeviceTree,
  log,
  RemarkLog,
  onProcessSignal,
  rescan,
  UseDefaultMethodError,
  type AllocateRequest,
  type AllocateResponse,
  type DevicePlugin,
  type Host,
  type Notifier,
  type PluginDefinition,
  type PreferredAllocationRequest,
  type PreferredAllocationResponse,
  type Remark,
} from '@kube-device-plugins/core';
import { preferShares } from './allocation-policy.ts';
import { deviceTree } from './device-tree.ts';
import type { SimulatedState } from './device-tree/simulated-state.ts';
import { ownKeys, readResources, simpleFlags, type SimpleOptions } from './options.ts';
import { configSchema, namedSchemas } from './options/config-schema.ts';
import { LiveOptions } from './options/live-options.ts';
import { readOptions, rejectContradiction } from './options/read-options.ts';
import { ScriptPlayer } from './plugin/script-player.ts';
import { readHostResources, type FoundResource, type HostSnapshot } from './sysfs.ts';

export { hostPaths } from './sysfs.ts';

/** What runPlugin() is told. SIGUSR2 has the scripts of simulated resources go on. */
export const definition = {
  name: 'simple-plugin',
  namespace: 'example.com',
  flags: simpleFlags,
  check: rejectContradiction,
  config: {
    keys: ownKeys,
    schema: configSchema,
    definitions: namedSchemas,
    check: (root, flags, env) => {
      readResources(root, env['NODE_NAME'] ?? '', flags.domain);
    },
  },
  create: async (flags, host, env, signal) => {
    rejectContradiction(flags);
    const { ownConfig } = flags;
    const read = (own: unknown): Promise<SimpleOptions> => readOptions(flags, env, own);
    const plugin = new SimplePlugin(host, new LiveOptions(await read(ownConfig?.current), { read, ownConfig }));
    const stopListening = onProcessSignal(['SIGUSR2'], () => {
      plugin.signal();
    });
    signal.addEventListener('abort', stopListening, { once: true });
    return plugin;
  },
  doctor: async () => (await import('./plugin/doctor.ts')).checks,
} satisfies PluginDefinition<typeof simpleFlags>;

/**
 * Publishes devices of the host by their paths or USB ids, and devices that are only simulated.
 *
 * A node that comes or goes is seen at once through inotify(7) on the directory it is in, whatever else at the next scan. What a container gets is all in the device tree, so the default allocation of the core serves.
 */
export class SimplePlugin implements DevicePlugin {
  readonly #host: Host;
  readonly #options: LiveOptions;
  readonly #remarks = new RemarkLog();
  readonly #scripts = new ScriptPlayer();
  #applied: SimpleOptions | undefined;
  #snapshot: HostSnapshot = { resources: [], watched: [] };
  #publish: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;
  #last: { readonly parts: readonly unknown[]; readonly tree: DeviceTree } = { parts: [], tree: new DeviceTree() };

  constructor(host: Host, options: LiveOptions) {
    this.#host = host;
    this.#options = options;
  }

  /** Resolves once `signal` aborts. */
  async scan(notifier: Notifier, signal: AbortSignal): Promise<void> {
    this.#publish = () => {
      this.#publishTo(notifier);
    };
    const watch = (): readonly string[] => this.#snapshot.watched.map((directory) => this.#host.path(directory));
    await rescan({ everyMs: this.#options.current.scanPeriodMs, watch }, signal, async () => {
      await this.#options.refresh();
      this.#apply(this.#options.current);
      const { hostResources } = this.#options.current;
      this.#snapshot = await readHostResources(this.#host, hostResources, this.#snapshot.resources);
      this.#remarks.tell(this.#snapshot.resources.flatMap(remarksOn));
      if (!signal.aborted) this.#publish();
    });
    this.#publish = () => undefined;
    clearTimeout(this.#timer);
  }

  /** Has the steps of scripts come that wait for the next signal. */
  signal(): void {
    this.#scripts.signal(performance.now());
    this.#publish();
  }

  /** Takes as long as a script says, and leaves the answer to the core. */
  async allocate({ containerRequests }: AllocateRequest): Promise<AllocateResponse> {
    const ids = containerRequests.flatMap(({ devicesIds }) => devicesIds);
    const delayMs = this.#scripts.allocateDelayMs(ids, this.#options.current.nodeName, performance.now());
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    throw new UseDefaultMethodError();
  }

  /** Of devices with shares, as many different ones as there are. */
  getPreferredAllocation({ containerRequests }: PreferredAllocationRequest): Promise<PreferredAllocationResponse> {
    const resources = [...this.#last.tree.resources.values()];
    const isListed = (id: string): boolean => resources.some((devices) => devices.has(id));
    const containerResponses = containerRequests.map(
      ({ availableDeviceIDs, mustIncludeDeviceIDs: mustInclude, allocationSize: size }) => ({
        deviceIDs: preferShares({ available: availableDeviceIDs.filter(isListed), mustInclude, size }),
      }),
    );
    return Promise.resolve({ containerResponses });
  }

  #apply(options: SimpleOptions): void {
    if (options === this.#applied) return;
    this.#applied = options;
    this.#scripts.setResources(options.simulatedResources, performance.now());
    for (const { resourceName, numberDevicesOnNode, pluginName } of options.simulatedResources) {
      log.v(1).info('simulates devices', { resource: resourceName, count: numberDevicesOnNode, pluginName });
    }
  }

  #publishTo(notifier: Notifier): void {
    const nowMs = performance.now();
    const states = this.#scripts.states(nowMs);
    notifier.notify(this.#tree([this.#options.current, ...states.values()], states));
    clearTimeout(this.#timer);
    const waitMs = this.#scripts.waitMs(nowMs);
    if (waitMs !== undefined) this.#timer = setTimeout(this.#publish, Math.min(waitMs, maxTimerMs));
  }

  /** While nothing comes from the host and the parts are the same, so is the tree: the core sees at a glance that nothing has changed. */
  #tree(parts: readonly unknown[], states: ReadonlyMap<string, SimulatedState>): DeviceTree {
    const isSame = parts.length === this.#last.parts.length && parts.every((part, i) => part === this.#last.parts[i]);
    if (!isSame || this.#snapshot.resources.length > 0) {
      this.#last = { parts, tree: deviceTree(this.#snapshot.resources, this.#options.current, states) };
    }
    return this.#last.tree;
  }
}

/** One for each device of a resource whose place in the machine cannot be found out. */
function remarksOn({ devices }: FoundResource): readonly Remark[] {
  const message = 'device has no known NUMA node';
  return devices.flatMap(({ name: [subject = ''], remark: reason }) =>
    reason === undefined ? [] : { message, subject, reason },
  );
}

/** Longest delay of a timer; a longer one would fire at once (Node.js documentation, setTimeout). */
const maxTimerMs = 2 ** 31 - 1;
