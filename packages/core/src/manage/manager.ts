// SPDX-License-Identifier: Apache-2.0
import { CdiSpecFiles } from '../cdi/spec-files.ts';
import type { DevicePlugin, Notifier } from '../device-plugin.ts';
import type { Devices } from '../device-tree.ts';
import { DevicePluginError } from '../errors.ts';
import { defaultDevicePluginPath, defaultPluginsRegistryPath } from '../kubelet-api/constants.ts';
import { log } from '../log/log.ts';
import { currentTelemetry } from '../observe/telemetry.ts';
import { childController, isSettled } from '../serve/abortable.ts';
import { KubeletDirectory } from '../serve/kubelet-directory.ts';
import { ProblemReport } from '../serve/problem-report.ts';
import { resourceNameProblem } from '../serve/resource-name.ts';
import { podResourcesSocketBeside } from '../rpc/pod-resources-socket.ts';
import { ResourceServer } from '../serve/resource-server.ts';
import { randomName } from '../serve/short-hash.ts';
import { checkSocketDirectory, socketPath, type SocketNameStyle } from '../serve/socket-name.ts';
import { WarmUp } from '../serve/warm-up.ts';
import { startGate } from '../watch/start-gate.ts';
import type { DeviceTreeDiff } from './diff.ts';
import { LeftOutLog } from './left-out-log.ts';
import { namedDevices } from './named-devices.ts';
import { DiffingNotifier } from './notifier.ts';
import { PacedDeviceLog } from './paced-device-log.ts';
import { UnpluggedDevices } from './unplugged-devices.ts';

/** Where a manager works, and how it registers; everything has the default of a stock node. */
export interface ManagerDeps {
  /** The kubelet's directory for plugin sockets. */
  readonly devicePluginPath?: string;
  /** Where CDI spec files go. */
  readonly cdiDir?: string;
  /** `register` calls the kubelet; `watcher` lets its plugin watcher find a socket in `pluginsRegistryPath`. Never both. */
  readonly registration?: 'register' | 'watcher';
  readonly pluginsRegistryPath?: string;
  readonly socketNameStyle?: SocketNameStyle;
  /** Where the kubelet says which pods have which devices; by default beside its directory for plugin sockets. */
  readonly podResourcesSocket?: string;
}

interface RunningServer {
  readonly server: ResourceServer;
  readonly controller: AbortController;
  readonly finished: Promise<void>;
}

/**
 * Turns what a plugin finds into resources that a kubelet can hand out: one server for each resource, added, updated and removed as the devices are.
 * Upstream: pkg/deviceplugin, Manager.
 */
export class Manager {
  readonly #namespace: string;
  readonly #plugin: DevicePlugin;
  readonly #deps: Required<ManagerDeps>;
  readonly #directory: KubeletDirectory;
  readonly #cdi: CdiSpecFiles;
  readonly #warmUp = new WarmUp();
  readonly #servers = new Map<string, RunningServer>();
  /** Ends of servers whose resources were removed; one of the same resource waits for it. */
  readonly #leaving = new Map<string, Promise<void>>();
  /** Why resources are not served that were found, by their names. */
  readonly #refusals = new Map<string, ProblemReport>();
  readonly #devices = new Map<string, Devices>();
  readonly #deviceLog = new PacedDeviceLog();
  readonly #leftOutLog = new LeftOutLog();
  readonly #telemetry = currentTelemetry();
  #hasInventory = false;
  #cdiWritten = Promise.resolve();

  /**
   * @param namespace - for example `color.example.com`; resource "yellow" is then `color.example.com/yellow`.
   * @throws DevicePluginError `RESOURCE_NAME_INVALID` for a namespace that no kubelet would take.
   */
  constructor(namespace: string, plugin: DevicePlugin, deps: ManagerDeps = {}) {
    const problem = resourceNameProblem(`${namespace}/name`);
    if (problem !== undefined)
      throw new DevicePluginError('RESOURCE_NAME_INVALID', `namespace ${JSON.stringify(namespace)} ${problem}`);
    this.#namespace = namespace;
    this.#plugin = plugin;
    const { devicePluginPath: path = defaultDevicePluginPath } = deps;
    this.#deps = {
      devicePluginPath: path,
      cdiDir: deps.cdiDir ?? '/var/run/cdi',
      registration: deps.registration ?? 'register',
      pluginsRegistryPath: deps.pluginsRegistryPath ?? defaultPluginsRegistryPath,
      socketNameStyle: deps.socketNameStyle ?? 'unique',
      podResourcesSocket: deps.podResourcesSocket ?? podResourcesSocketBeside(path),
    };
    const { registration, pluginsRegistryPath, devicePluginPath } = this.#deps;
    this.#directory = new KubeletDirectory(registration === 'watcher' ? pluginsRegistryPath : devicePluginPath);
    this.#cdi = new CdiSpecFiles(this.#deps.cdiDir);
  }

  /**
   * Scans and serves until `signal` aborts or the plugin's scan() returns, then takes everything down in order and resolves.
   *
   * @throws whatever scan() rejects with; DevicePluginError `SOCKET_PATH_TOO_LONG` when no socket fits into the directory,
   * `PLUGIN_DIR_DELETED` when it was deleted under the container's mount of it.
   */
  async run(signal: AbortSignal): Promise<void> {
    checkSocketDirectory(this.#directory.path, this.#deps.socketNameStyle);
    startGate.shut(registrationPatienceMs);
    const { controller, release } = childController(signal);
    const scan = Promise.try(() => this.#plugin.scan(this.#notifier(controller.signal), controller.signal));
    const watch = this.#directory.watch(controller.signal);
    try {
      await Promise.race([scan, watch]);
      if (!signal.aborted) log.warn('the scan returned without being asked to stop, so the plugin ends');
    } catch (error) {
      if (!signal.aborted) throw error;
      log.v(1).info('the scan ended with an error after it was asked to stop', { error });
    } finally {
      controller.abort();
      release();
      startGate.open();
      await this.#takeDown(scan, watch);
    }
  }

  #notifier(signal: AbortSignal): Notifier {
    const changes = new DiffingNotifier((diff) => {
      this.#apply(diff, signal);
    });
    const unplugged = new UnpluggedDevices(
      {
        socketPath: this.#deps.podResourcesSocket,
        onResources: (resources) => {
          changes.notify({ resources });
        },
      },
      signal,
    );
    return {
      notify: (tree) => {
        if (signal.aborted) return;
        const { resources, leftOut } = namedDevices(this.#namespace, tree);
        this.#leftOutLog.update(leftOut);
        this.#telemetry.leftOut = leftOut;
        unplugged.update(resources);
      },
    };
  }

  async #takeDown(scan: Promise<void>, watch: Promise<void>): Promise<void> {
    const servers = [...this.#servers.values()].map(({ finished }) => finished);
    await Promise.allSettled([watch, this.#cdiWritten, ...servers, ...this.#leaving.values()]);
    if (!(await isSettled(scan, scanGraceMs)))
      log.warn('the scan does not end, going on without', { graceMs: scanGraceMs });
    for (const resource of this.#devices.keys()) this.#telemetry.resourceRemoved(resource);
    this.#deviceLog.flush();
    this.#telemetry.leftOut = new Map();
    this.#servers.clear();
    this.#devices.clear();
  }

  /** Added last, so that a device which moves from one resource to another is never listed twice. */
  #apply({ added, updated, removed }: DeviceTreeDiff, signal: AbortSignal): void {
    log.v(4).info('devices changed', { added: [...added.keys()], updated: [...updated.keys()], removed });
    for (const resource of removed) this.#remove(resource);
    for (const [resource, devices] of updated) this.#update(resource, devices, signal);
    for (const [resource, devices] of added) this.#add(resource, devices, signal);
    // Nothing to register, so nothing to hold anything back for.
    if (this.#servers.size === 0) startGate.open();
    this.#hasInventory = true;
    this.#writeCdiSpecs();
  }

  #add(resourceName: string, devices: Devices, signal: AbortSignal): void {
    this.#tell(resourceName, devices);
    const { controller, release } = childController(signal);
    try {
      const server = this.#createServer(resourceName, devices);
      const before = this.#leaving.get(resourceName) ?? Promise.resolve();
      const finished = before.then(() => server.run(controller.signal)).finally(release);
      this.#servers.set(resourceName, { server, controller, finished });
      this.#refusals.delete(resourceName);
    } catch (error) {
      release();
      const refusal = this.#refusals.get(resourceName) ?? new ProblemReport(resourceName);
      this.#refusals.set(resourceName, refusal);
      refusal.report('the resource is left out', error);
    }
  }

  #createServer(resourceName: string, devices: Devices): ResourceServer {
    const problem = resourceNameProblem(resourceName);
    if (problem !== undefined)
      throw new DevicePluginError('RESOURCE_NAME_INVALID', `resource name ${JSON.stringify(resourceName)} ${problem}`);
    return new ResourceServer({
      resourceName,
      devices,
      plugin: this.#plugin,
      directory: this.#directory,
      warmUp: this.#warmUp,
      socketPath: socketPath(this.#directory.path, resourceName, this.#deps.socketNameStyle, randomName()),
      registration: this.#deps.registration,
      cdi: this.#cdi,
    });
  }

  #update(resourceName: string, devices: Devices, signal: AbortSignal): void {
    const running = this.#servers.get(resourceName);
    // A resource that was left out gets another try with each change: its list may have been too large.
    if (running === undefined) {
      this.#add(resourceName, devices, signal);
      return;
    }
    this.#tell(resourceName, devices);
    running.server.update(devices);
  }

  /** The kubelet hears of an empty list first: it would show the last one for five minutes. */
  #remove(resourceName: string): void {
    this.#tell(resourceName, new Map());
    this.#devices.delete(resourceName);
    this.#refusals.delete(resourceName);
    const running = this.#servers.get(resourceName);
    this.#servers.delete(resourceName);
    if (running === undefined) {
      this.#telemetry.resourceRemoved(resourceName);
      return;
    }
    running.server.update(new Map());
    running.controller.abort();
    this.#leaving.set(resourceName, running.finished);
    void running.finished.finally(() => {
      if (this.#leaving.get(resourceName) === running.finished) this.#leaving.delete(resourceName);
    });
  }

  /** The first list of all is the inventory; whatever comes after it is an event. */
  #tell(resource: string, devices: Devices): void {
    const before = this.#devices.get(resource);
    this.#devices.set(resource, devices);
    if (before === undefined && !this.#hasInventory) {
      this.#deviceLog.begin(resource, devices);
      this.#telemetry.history.begin(resource, devices, Date.now());
      return;
    }
    const changes = this.#deviceLog.update(resource, devices);
    this.#telemetry.history.add(resource, changes, devices, Date.now());
    const { added, removed } = changes;
    if (added.length > 0) this.#telemetry.hotplugEvents.add({ resource, action: 'add' }, added.length);
    if (removed.length > 0) this.#telemetry.hotplugEvents.add({ resource, action: 'remove' }, removed.length);
  }

  #writeCdiSpecs(): void {
    // The shares of a device are one object, of which there may be a hundred.
    const infos = new Set([...this.#devices.values()].flatMap((byId) => [...byId.values()]));
    const devices = [...infos].flatMap(({ cdiDevices }) => cdiDevices ?? []);
    this.#cdiWritten = this.#cdi.sync(devices);
  }
}

/** How long a registration may hold back what is loaded after it. */
const registrationPatienceMs = 1_000;

/** How long a scan may take to stop: as long as calls in flight may. */
const scanGraceMs = 5_000;
