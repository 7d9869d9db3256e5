// SPDX-License-Identifier: Apache-2.0
import { type ServerWritableStream, status } from '@grpc/grpc-js';
import {
  type DeviceHealth,
  type DeviceHealthResponse,
  DeviceInfoService,
  type HealthStatus,
  type WatchDeviceHealthRequest,
} from './api/deviceinfo.ts';
import { RestartableServer } from './restartable-server.ts';

/** As xpumd names them; a number stands for one that is not known yet. */
export type XpumdSeverity = 'UNKNOWN' | 'OK' | 'WARNING' | 'CRITICAL' | 'FAILED' | number;

/** What a {@link FakeXpumd} does with new streams: `fail` answers with a gRPC status, `end` ends them at once, `hang` says nothing. */
export type XpumdBehaviour = 'answer' | 'fail' | 'end' | 'hang';

/** One thing that xpumd looks after. */
export interface FakeXpumdStatus {
  readonly name: string;
  readonly severity: XpumdSeverity;
  readonly reason?: string;
}

type Stream = ServerWritableStream<WatchDeviceHealthRequest, DeviceHealthResponse>;

/** xpumd on a real socket. A new stream gets the whole list when there is one, then what changes. */
export class FakeXpumd implements AsyncDisposable {
  behaviour: XpumdBehaviour = 'answer';
  /** Streams that were ever opened. */
  streamsOpened = 0;
  readonly #devices = new Map<string, DeviceHealth>();
  readonly #streams = new Set<Stream>();
  readonly #server: RestartableServer;

  private constructor(socketPath: string) {
    this.#server = new RestartableServer(socketPath, DeviceInfoService, {
      watchDeviceHealth: (stream: Stream) => {
        this.#open(stream);
      },
    });
  }

  static async start(socketPath: string): Promise<FakeXpumd> {
    const fake = new FakeXpumd(socketPath);
    await fake.start();
    return fake;
  }

  get openStreams(): number {
    return this.#streams.size;
  }

  /** Tells all streams of a card: one severity, or several things with one each. */
  setHealth(bdf: string, health: XpumdSeverity | readonly FakeXpumdStatus[]): void {
    const statuses = typeof health === 'object' ? health : [{ name: 'memory', severity: health }];
    const device = {
      info: { uuid: `uuid-${bdf}`, model: 'fake', pci: { bdf } },
      health: statuses.map(statusMessage),
    };
    this.#devices.set(bdf, device);
    this.push([device]);
  }

  /** Sends these as they are. */
  push(devices: DeviceHealth[]): void {
    for (const stream of this.#streams) stream.write({ devices });
  }

  /** Ends the open streams: with status OK, or with another one. */
  endStreams(kind: 'ok' | 'unavailable' | 'internal'): void {
    for (const stream of this.#streams) {
      if (kind === 'ok') stream.end();
      else fail(stream, kind === 'internal' ? status.INTERNAL : status.UNAVAILABLE);
    }
    this.#streams.clear();
  }

  /** Comes back after {@link stop}, and still knows its cards. */
  async start(): Promise<void> {
    await this.#server.start();
  }

  /** Goes away as a process that dies, with its socket: streams are cut. */
  stop(): void {
    this.#server.stop();
    this.#streams.clear();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    return Promise.resolve();
  }

  #open(stream: Stream): void {
    this.streamsOpened += 1;
    if (this.behaviour === 'fail') fail(stream, status.UNAVAILABLE);
    else if (this.behaviour === 'end') stream.end();
    else this.#follow(stream);
  }

  #follow(stream: Stream): void {
    stream.on('error', () => undefined);
    if (this.behaviour === 'hang') return;
    this.#streams.add(stream);
    for (const event of ['close', 'cancelled']) stream.once(event, () => this.#streams.delete(stream));
    if (this.#devices.size > 0) stream.write({ devices: [...this.#devices.values()] });
  }
}

function fail(stream: Stream, code: status): void {
  stream.emit('error', { code, details: 'the fake was told to fail' });
}

const severities: readonly XpumdSeverity[] = ['UNKNOWN', 'OK', 'WARNING', 'CRITICAL', 'FAILED'];

function statusMessage({ name, severity, reason = '' }: FakeXpumdStatus): HealthStatus {
  const number = typeof severity === 'number' ? severity : severities.indexOf(severity);
  return { name, severity: number as HealthStatus['severity'], reason, message: '' };
}
