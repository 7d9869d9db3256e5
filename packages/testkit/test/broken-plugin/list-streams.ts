// SPDX-License-Identifier: Apache-2.0
import { openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Http2Session, ServerHttp2Stream } from 'node:http2';
import { deviceplugin } from '@kube-device-plugins/core/kubelet-api';
import { framed, respond } from './grpc-server.ts';
import type { Inventory, PluginDevice } from './inventory.ts';
import type { PluginOptions } from './plugin-options.ts';

/** How a stream of the kubelet's has ended. */
export type StreamEnd = 'cancelled' | 'cut';

interface ListStream {
  readonly stream: ServerHttp2Stream;
  /** Undefined before the first list. */
  sent: readonly PluginDevice[] | undefined;
  isWriting: boolean;
  writing: Promise<void>;
  isForgotten: boolean;
}

const maxMessageBytes = 4 * 1024 * 1024;

/** Every open ListAndWatch of one resource. */
export class ListStreams {
  /** Called when the stream of the kubelet has ended. */
  onKubeletLost: (end: StreamEnd) => void = () => undefined;
  readonly #options: PluginOptions;
  readonly #inventory: Inventory;
  readonly #streams = new Set<ListStream>();
  /** Of the kubelet: the one that asked for the options. */
  #session: Http2Session | undefined;
  #hasSaid = false;
  #hasStoppedLooking = false;
  wasOpened = false;

  constructor(options: PluginOptions, inventory: Inventory) {
    this.#options = options;
    this.#inventory = inventory;
    inventory.onChange(() => void this.#tellAll());
    if (options.has('LI-08-heartbeat')) setInterval(() => void this.#tellAll(true), 200);
    if (options.has('HE-05-first-stream')) inventory.isLooking = false;
  }

  get size(): number {
    return this.#streams.size;
  }

  get isKubeletOpen(): boolean {
    return [...this.#streams].some(({ stream }) => stream.session === this.#session);
  }

  optionsAsked(session: Http2Session | undefined): void {
    if (!this.isKubeletOpen) this.#session = session;
  }

  open(stream: ServerHttp2Stream): void {
    const { session } = stream;
    const listStream: ListStream = {
      stream,
      sent: undefined,
      isWriting: false,
      writing: Promise.resolve(),
      isForgotten: false,
    };
    this.#streams.add(listStream);
    this.wasOpened = true;
    if (!this.#options.has('HE-06-stream') || this.#hasStoppedLooking) this.#inventory.isLooking = true;
    if (this.#options.has('RS-15-leak')) openSync('/dev/null', 'r');
    const isKubelet = session === this.#session || this.#options.has('RS-12-any');
    stream.once('close', () => {
      this.#streams.delete(listStream);
      if (this.#options.has('HE-06-stream') && this.#streams.size === 0) {
        this.#hasStoppedLooking = true;
        this.#inventory.isLooking = false;
      }
      if (this.#options.has('RS-13-close')) {
        for (const other of this.#streams) if (other.stream.session !== this.#session) other.isForgotten = true;
      }
      if (isKubelet) this.onKubeletLost(session?.destroyed === true || session?.closed === true ? 'cut' : 'cancelled');
    });
    respond(stream);
    if (this.#options.has('LI-01-late')) setTimeout(() => void this.#tell(listStream), lateMs);
    else void this.#tell(listStream);
  }

  /** Ends all streams in good order. Resolves when that of the kubelet has ended, or does not end. */
  async end(isLast = false): Promise<void> {
    if (isLast && this.#options.has('SD-08-empty'))
      await Promise.all([...this.#streams].map(async ({ stream }) => await written(stream, this.#encoded([]))));
    for (const { stream } of this.#streams) stream.end();
    for (let i = 0; i < 50 && this.isKubeletOpen; i++) await delay(10);
  }

  async #tellAll(isAnyway = false): Promise<void> {
    for (const listStream of [...this.#streams].slice(0, this.#options.has('RS-14-twenty') ? 20 : undefined)) {
      const told = this.#tell(listStream, isAnyway);
      if (this.#options.has('RS-16-in-turn')) await Promise.all([told, listStream.writing]);
    }
  }

  /** One message at a time, the newest list each time. */
  async #tell(listStream: ListStream, isAnyway = false): Promise<void> {
    const { stream } = listStream;
    if (listStream.isForgotten || (listStream.isWriting && !this.#options.has('HE-04-queue'))) return;
    if (this.#options.has('LI-01-late') && listStream.sent === undefined) await Promise.resolve();
    listStream.isWriting = true;
    while (!stream.destroyed && (isAnyway || listStream.sent !== this.#inventory.devices)) {
      isAnyway = false;
      const { devices } = this.#inventory;
      const last = listStream.sent;
      listStream.sent = devices;
      for (const part of this.#messages(devices, last)) {
        listStream.writing = written(stream, part);
        await listStream.writing;
      }
    }
    listStream.isWriting = false;
  }

  #messages(devices: readonly PluginDevice[], last: readonly PluginDevice[] | undefined): Buffer[] {
    if (devices.length === 0 && this.#options.has('HP-04-not-empty')) return [];
    if (this.#options.has('LI-09-parts') && devices.length > 5000 && devices.length < 20_000) {
      return [this.#encoded(devices.slice(0, 5000)), this.#encoded(devices)];
    }
    if (this.#options.has('RB-14-repeats') && devices.length === 10_000 && last !== undefined)
      return Array.from({ length: 10 }, () => this.#encoded(devices));
    const isDelta = this.#options.has('LI-03-deltas') && last !== undefined;
    const isOld = ({ id, health }: PluginDevice): boolean =>
      last?.some((old) => old.id === id && old.health === health) === true;
    const message = this.#encoded(isDelta ? devices.filter((device) => !isOld(device)) : devices);
    if (message.length <= maxMessageBytes || this.#options.has('LI-10-huge')) return [message];
    if (!this.#hasSaid) process.stderr.write(`the list is too large: ${message.length} bytes\n`);
    this.#hasSaid = true;
    return [];
  }

  #encoded(devices: readonly PluginDevice[]): Buffer {
    const order = this.#options.has('LI-07-shuffled') ? devices.toSorted(() => Math.random() - 0.5) : devices;
    const list = order.map(({ id, health, numaNode }) => ({ ID: id, health, topology: this.#topology(numaNode) }));
    return Buffer.from(deviceplugin.ListAndWatchResponse.encode({ devices: list }).finish());
  }

  #topology(numaNode: number | undefined): deviceplugin.TopologyInfo | undefined {
    if (numaNode === undefined) return this.#options.has('LI-05-negative') ? { nodes: [{ ID: -1 }] } : undefined;
    const node = { ID: numaNode };
    return { nodes: this.#options.has('LI-06-twice') ? [node, node] : [node] };
  }
}

const lateMs = 3_000;

/** Resolves when the reader's flow control let it through, or the stream is gone. */
async function written(stream: ServerHttp2Stream, message: Buffer): Promise<void> {
  if (stream.destroyed || stream.writableEnded) return;
  await new Promise<void>((resolve) => {
    stream.once('close', resolve);
    stream.write(framed(message), () => {
      stream.off('close', resolve);
      resolve();
    });
  });
}
