// SPDX-License-Identifier: Apache-2.0
import {
  type AllocateResponse,
  type DevicePlugin,
  DeviceTree,
  type Host,
  log,
  type Notifier,
  pause,
  type PluginDefinition,
  RemarkLog,
  requestRescan,
  rescan,
} from '@kube-device-plugins/core';
import { fpgaDeviceTree } from './device-tree.ts';
import { knownIds, type KnownIds } from './device-tree/fpga-ids.ts';
import { fpgaFlags, namespace, parseFpgaOptions, type FpgaOptions } from './options.ts';
import type { FpgaMode } from './options/fpga-mode.ts';
import { followNodeMode } from './plugin/node-mode.ts';
import { readFpgas } from './sysfs.ts';
import type { FpgaSnapshot } from './sysfs/fpga-snapshot.ts';

export { hostPaths } from './sysfs.ts';

/** What runPlugin() is told. */
export const definition = {
  name: 'fpga-plugin',
  namespace,
  flags: fpgaFlags,
  check: parseFpgaOptions,
  create: (flags, host, env) => new FpgaPlugin(host, parseFpgaOptions(flags, env)),
  doctor: async () => (await import('./plugin/doctor.ts')).checks,
} satisfies PluginDefinition<typeof fpgaFlags>;

/**
 * Publishes the FPGAs of a node, as the mode has it.
 *
 * A port whose node comes or goes is seen at once through inotify(7) on /dev; a function that is loaded into it changes only sysfs,
 * which raises no events, and is seen at the next scan.
 */
export class FpgaPlugin implements DevicePlugin {
  readonly #host: Host;
  readonly #options: FpgaOptions;
  readonly #remarks = new RemarkLog();
  #mode: FpgaMode;
  /** What was last published: of which mode, and which resources. */
  #published: { readonly mode: FpgaMode; readonly resources: readonly string[] } | undefined;
  #ids: KnownIds = new Map();
  /** Whether any container may have been given the hook. */
  #hadHooks = false;

  constructor(host: Host, options: FpgaOptions) {
    this.#host = host;
    this.#options = options;
    this.#mode = options.mode;
  }

  /** Resolves once `signal` aborts. */
  async scan(notifier: Notifier, signal: AbortSignal): Promise<void> {
    const { promise: isModeKnown, resolve: modeIsKnown } = Promise.withResolvers<undefined>();
    const following = this.#followNode(modeIsKnown, signal);
    await Promise.race([isModeKnown, pause(modePatienceMs, signal)]);
    await Promise.all([following, this.#scanFpgas(notifier, signal)]);
  }

  /** With mode region, the container runtime is told that there is something to program, and by what; what else it is told stays. */
  postAllocate({ containerResponses }: AllocateResponse): void {
    const isRegion = this.#published?.mode === 'region';
    for (const response of containerResponses) {
      if (!isRegion) response.cdiDevices = [];
      else response.annotations = { ...response.annotations, [runtimeAnnotation]: 'fpga.intel.com/region' };
    }
  }

  /** Calls `modeIsKnown` when the node has been asked, whatever came of it. */
  async #followNode(modeIsKnown: (nothing: undefined) => void, signal: AbortSignal): Promise<void> {
    const { node, mode } = this.#options;
    if (node !== undefined) {
      const take = (ofNode: FpgaMode | undefined): void => {
        this.#changeMode(ofNode ?? mode);
        modeIsKnown(undefined);
      };
      await followNodeMode(node, { take, isUnreachable: () => modeIsKnown(undefined) }, signal);
    }
    modeIsKnown(undefined);
  }

  #changeMode(mode: FpgaMode): void {
    if (mode === this.#mode) return;
    log.info('the node has another mode', { node: this.#options.node?.name, before: this.#mode, mode });
    this.#mode = mode;
    requestRescan();
  }

  async #scanFpgas(notifier: Notifier, signal: AbortSignal): Promise<void> {
    const { scanPeriodMs } = this.#options;
    await rescan({ everyMs: scanPeriodMs, watch: [this.#host.path('/dev')] }, signal, async () => {
      const snapshot = await this.#read(notifier);
      if (!signal.aborted) this.#publish(snapshot, notifier);
    });
  }

  /** When nobody can tell which FPGAs there are, those of the scan before stay; before the first scan there are none. */
  async #read(notifier: Notifier): Promise<FpgaSnapshot> {
    try {
      return await readFpgas(this.#host);
    } catch (error) {
      if (this.#published === undefined) notifier.notify(new DeviceTree());
      this.#published ??= { mode: this.#mode, resources: [] };
      throw error;
    }
  }

  /** Resources stay as long as the mode does; ids, and the files of hooks, as long as their devices. */
  #publish(snapshot: FpgaSnapshot, notifier: Notifier): void {
    const mode = this.#mode;
    if (this.#published === undefined) log.v(1).info('FPGA device plugin starts', { driver: snapshot.driver, mode });
    const resources = this.#published?.mode === mode ? this.#published.resources : [];
    this.#ids = knownIds(snapshot, this.#ids);
    this.#hadHooks ||= mode === 'region';
    const history = { resources, ids: this.#ids, hadHooks: this.#hadHooks };
    const { tree, remarks } = fpgaDeviceTree(snapshot, mode, history);
    this.#published = { mode, resources: [...tree.resources.keys()] };
    this.#remarks.tell([...snapshot.remarks, ...remarks]);
    notifier.notify(tree);
  }
}

/** Upstream: cmd/fpga_plugin, PostAllocate(). */
const runtimeAnnotation = 'com.intel.fpga.mode';

/** How long the devices wait for the mode that the node says: one mode after another is a change that pods notice. */
const modePatienceMs = 5_000;
