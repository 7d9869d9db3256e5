// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, writeFileSync } from 'node:fs';
import type { ServerHttp2Stream } from 'node:http2';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { deviceplugin } from '@kube-device-plugins/core/kubelet-api';
import { codes, GrpcError, type Handler } from './grpc-server.ts';
import type { Inventory } from './inventory.ts';
import type { ListStreams } from './list-streams.ts';
import type { PluginOptions } from './plugin-options.ts';

type Content = deviceplugin.ContainerAllocateResponse;

const noContent: Content = { envs: {}, mounts: [], devices: [], annotations: {}, cdiDevices: [] };

/** The five calls of one resource. */
export class DeviceService {
  readonly #options: PluginOptions;
  readonly #resource: string;
  readonly #inventory: Inventory;
  readonly #streams: ListStreams;
  readonly #given = new Set<string>();
  readonly #prepared = new Set<string>();
  #mixedUp: readonly string[] = [];
  #isStuck = false;
  #count = 0;
  /** Holds up the options until Register has returned, for one of the defects. */
  registered: Promise<boolean> = Promise.resolve(true);

  constructor(options: PluginOptions, resource: string, inventory: Inventory, streams: ListStreams) {
    this.#options = options;
    this.#resource = resource;
    this.#inventory = inventory;
    this.#streams = streams;
  }

  get handlers(): ReadonlyMap<string, Handler> {
    const { getDevicePluginOptions, listAndWatch, allocate, getPreferredAllocation, preStartContainer } =
      deviceplugin.DevicePluginService;
    return new Map<string, Handler>([
      [getDevicePluginOptions.path, (_message, { session }) => this.#pluginOptions(session)],
      [
        listAndWatch.path,
        (_message, stream) => {
          this.#streams.open(stream);
          return Promise.resolve('taken over');
        },
      ],
      [allocate.path, (message, stream) => this.#allocate(message, stream)],
      [getPreferredAllocation.path, (message) => Promise.resolve(this.#prefer(message))],
      [preStartContainer.path, (message, stream) => this.#prepare(message, stream)],
    ]);
  }

  async #pluginOptions(session: ServerHttp2Stream['session']): Promise<Uint8Array> {
    this.#streams.optionsAsked(session);
    const { prefers, prepares } = this.#options;
    if (this.#options.has('ST-02-deadlock') && !(await this.registered)) throw new GrpcError(codes.UNKNOWN, 'too late');
    const options = { preStartRequired: prepares, getPreferredAllocationAvailable: prefers };
    return deviceplugin.DevicePluginOptions.encode(options).finish();
  }

  async #allocate(message: Buffer, stream: ServerHttp2Stream): Promise<Uint8Array> {
    const options = this.#options;
    const { containerRequests } = this.#decoded(message);
    if (options.has('AL-14-stuck') || options.has('RS-20-crash')) await this.#slowly(stream);
    this.#count += 1;
    if (options.has('AL-12-slow') && this.#count % 50 === 0) await delay(150);
    if (options.has('AL-19-stream') && !this.#streams.wasOpened) throw new GrpcError(codes.INTERNAL, 'not ready');
    const requests = options.has('AL-03-first') ? containerRequests.slice(0, 1) : containerRequests;
    const containerResponses = [];
    for (const { devicesIds } of requests) containerResponses.push(await this.#content(devicesIds));
    if (options.has('AL-09-one') && containerResponses.length === 0) containerResponses.push(noContent);
    return deviceplugin.AllocateResponse.encode({ containerResponses }).finish();
  }

  /** How often Allocate was called. */
  get allocations(): number {
    return this.#count;
  }

  async #slowly(stream: ServerHttp2Stream): Promise<void> {
    if (this.#isStuck) throw new GrpcError(codes.INTERNAL, 'stuck');
    await delay(100);
    if (!stream.destroyed) return;
    if (this.#options.has('RS-20-crash')) process.exit(1);
    this.#isStuck = true;
  }

  #decoded(message: Buffer): deviceplugin.AllocateRequest {
    const options = this.#options;
    let request: deviceplugin.AllocateRequest;
    try {
      request = deviceplugin.AllocateRequest.decode(message);
    } catch (error) {
      if (options.has('RB-02-lax')) return { containerRequests: [] };
      throw error;
    }
    const isKnown = deviceplugin.AllocateRequest.encode(request).finish().length === message.length;
    if (options.has('RB-03-strict') && !isKnown) throw new GrpcError(codes.INVALID_ARGUMENT, 'unknown field');
    return request;
  }

  async #content(ids: readonly string[]): Promise<Content> {
    const options = this.#options;
    if (ids.length === 0 && options.has('AL-08-crash')) process.exit(1);
    for (const id of ids) this.#check(id);
    const key = ids.join();
    if (options.has('AL-06-once') && this.#given.has(key)) throw new GrpcError(codes.RESOURCE_EXHAUSTED, 'is in use');
    this.#given.add(key);
    if (options.has('AL-13-shared')) {
      this.#mixedUp = ids;
      await delay(5);
      ids = this.#mixedUp;
    }
    const devices = this.#devicesOf(ids);
    const given = options.has('AL-10-order') ? ids.map(base) : devices;
    return {
      ...noContent,
      envs: devices.length === 0 ? {} : { [this.#variable]: given.join() + this.#padding },
      ...(options.cdi === undefined
        ? { devices: this.#nodes(devices) }
        : { cdiDevices: devices.map((id) => this.#cdi(id)) }),
    };
  }

  #check(id: string): void {
    const options = this.#options;
    const device = this.#inventory.devices.find((each) => each.id === id);
    if (device === undefined) {
      const code = options.has('AL-04-unknown') ? codes.UNKNOWN : codes.NOT_FOUND;
      throw new GrpcError(code, options.has('AL-11-nameless') ? 'no such device' : `no device ${id}`);
    }
    const isRefused = device.health === 'Unhealthy' && !options.has('AL-05-given');
    const name = options.has('AL-11-nameless') ? 'it' : id;
    if (isRefused) throw new GrpcError(codes.FAILED_PRECONDITION, `${name} is unhealthy`);
  }

  /** What hardware the ids stand for; `gpu::0` and `gpu::1` are shares of the same. */
  #devicesOf(ids: readonly string[]): string[] {
    const options = this.#options;
    if (options.has('AL-07-twice')) {
      const shares = [...new Set(ids)];
      return [...new Set(shares.map(base)), ...ids.filter((id, i) => ids.indexOf(id) !== i).map(base)].sort();
    }
    const unique = [...new Set(ids)];
    return (options.has('AL-18-twice') ? unique.map(base) : [...new Set(unique.map(base))]).sort();
  }

  /** One for each device, and one that they have in common. */
  #nodes(devices: readonly string[]): deviceplugin.DeviceSpec[] {
    const hostPath = this.#options.has('AL-01-missing') ? '/dev/no-such-device' : '/dev/null';
    const own = devices.map((id) => ({ hostPath, containerPath: `/dev/${id}`, permissions: 'rw' }));
    const control = { hostPath: '/dev/zero', containerPath: '/dev/control', permissions: 'rw' };
    const times = this.#options.has('AL-02-twice') ? new Set(devices).size : Math.min(1, devices.length);
    return [...own, ...Array.from({ length: times }, () => control)];
  }

  get #padding(): string {
    return this.#options.has('AL-20-large') ? 'x'.repeat(70 * 1024) : '';
  }

  get #variable(): string {
    if (this.#options.has('AL-15-name')) return 'MY DEVICES';
    return `${this.#resource.replace(/\W/g, '_').toUpperCase()}_IDS`;
  }

  #cdi(id: string): deviceplugin.CDIDevice {
    const { cdi = '', has } = {
      cdi: this.#options.cdi,
      has: (defect: 'AL-16-no-spec' | 'AL-17-ignored') => this.#options.has(defect),
    };
    const name = id.replace(/\W/g, '-');
    const spec = {
      cdiVersion: '0.3.0',
      kind: 'example.com/broken',
      devices: [{ name, containerEdits: { env: ['A=1'] } }],
    };
    try {
      mkdirSync(cdi, { recursive: true });
      if (!has('AL-16-no-spec')) writeFileSync(join(cdi, `example.com-broken_${name}.json`), JSON.stringify(spec));
    } catch (error) {
      if (this.#options.has('RB-12-exit') && String(error).includes('ENOSPC')) process.exit(1);
      if (!has('AL-17-ignored')) throw new GrpcError(codes.INTERNAL, String(error));
    }
    return { name: `example.com/broken=${name}` };
  }

  #prefer(message: Buffer): Uint8Array {
    const options = this.#options;
    if (!options.prefers) {
      throw new GrpcError(options.has('PA-06-internal') ? codes.INTERNAL : codes.UNIMPLEMENTED, 'no preferences');
    }
    const { containerRequests } = deviceplugin.PreferredAllocationRequest.decode(message);
    const requests = options.has('PA-09-first') ? containerRequests.slice(0, 1) : containerRequests;
    const containerResponses = requests.map((request) => ({ deviceIDs: this.#preferred(request) }));
    return deviceplugin.PreferredAllocationResponse.encode({ containerResponses }).finish();
  }

  #preferred(request: deviceplugin.ContainerPreferredAllocationRequest): string[] {
    const { availableDeviceIDs: available, mustIncludeDeviceIDs: must, allocationSize: size } = request;
    const options = this.#options;
    if (size > available.length) {
      if (options.has('PA-04-internal')) throw new GrpcError(codes.INTERNAL, 'too few devices');
      return [];
    }
    const isKnown = (id: string): boolean => this.#inventory.devices.some((device) => device.id === id);
    if (options.has('PA-05-strict') && !available.every(isKnown)) throw new GrpcError(codes.INTERNAL, 'unknown device');
    if (options.has('PA-08-search') && available.length > 500) spin(600);
    const others = available.filter((id) => !must.includes(id));
    if (!options.has('PA-07-order')) others.sort();
    const preferred = options.has('PA-01-must') ? available : [...must, ...others];
    if (options.has('PA-02-more') && size === must.length) return preferred.slice(0, size + 1);
    if (options.has('PA-03-less') && size === available.length && size > 1) return preferred.slice(1);
    return preferred.slice(0, size);
  }

  async #prepare(message: Buffer, stream: ServerHttp2Stream): Promise<Uint8Array> {
    const options = this.#options;
    if (!options.prepares) {
      if (options.has('PS-04-crash')) process.exit(1);
      throw new GrpcError(codes.UNIMPLEMENTED, 'no preparation');
    }
    if (this.#isStuck) await new Promise(() => undefined);
    const { devicesIds } = deviceplugin.PreStartContainerRequest.decode(message);
    for (const id of devicesIds) {
      if (!options.has('PS-03-any')) this.#check(id);
      if (options.has('PS-01-once') && this.#prepared.has(id)) throw new GrpcError(codes.INTERNAL, 'is prepared');
      this.#prepared.add(id);
    }
    await delay(20);
    if (options.has('PS-02-hang') && (stream.destroyed || stream.headersSent)) this.#isStuck = true;
    return new Uint8Array();
  }
}

function spin(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

function base(id: string): string {
  return id.split('::')[0] ?? id;
}
