// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from 'node:util';
import { backoffMs, type BackoffOptions, GrpcClient, log, pause, requestRescan } from '@kube-device-plugins/core';
import type { GpuCard } from './gpu-card.ts';
import { WatchDeviceHealthRequest } from './health-api/deviceinfo.ts';
import type { HealthReading, HealthReadings, HealthSource } from './health-source.ts';
import { TroubleLog } from './trouble-log.ts';
import { parseXpumdMessage, withKnownWords, type XpumdReading } from './xpumd-reading.ts';

/** How patient a {@link XpumdHealth} is. */
export interface XpumdPatience {
  /** Between the end of a stream and the next try. */
  readonly backoff: BackoffOptions;
  /** From the start of a stream to its first message; one that says nothing for longer is away until it does. */
  readonly firstMessageMs: number;
}

/**
 * Health as xpumd tells it, on a stream that is followed for ever: whatever ends it, a new one is opened after 1 s to 10 s.
 * A message that changes something has the devices looked at at once. A message tells of some cards or all; the first one of a stream
 * replaces what the streams before it said.
 */
export class XpumdHealth implements HealthSource {
  readonly #socket: string;
  readonly #patience: XpumdPatience;
  readonly #troubles = new TroubleLog();
  #isAway = false;
  /** By PCI address. */
  #known: ReadonlyMap<string, XpumdReading> = new Map();

  constructor(socket: string, patience: XpumdPatience = defaultPatience) {
    this.#socket = socket;
    this.#patience = patience;
  }

  read(cards: readonly GpuCard[]): Promise<HealthReadings> {
    const readingOf = ({ bdf }: GpuCard): HealthReading => {
      if (bdf === undefined) return unknown;
      return this.#isAway ? away : (this.#known.get(bdf) ?? unknown);
    };
    return Promise.resolve(new Map(cards.map((card) => [card.name, readingOf(card)])));
  }

  async follow(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      const { messages, error } = await this.#followOne(signal);
      this.#goAway(error, signal);
      failures = messages > 0 ? 1 : failures + 1;
      await pause(backoffMs(failures, this.#patience.backoff, Math.random()), signal);
    }
  }

  /** Follows one stream to its end and says how that came. */
  async #followOne(signal: AbortSignal): Promise<{ readonly messages: number; readonly error: unknown }> {
    using client = new GrpcClient(this.#socket);
    const { firstMessageMs } = this.#patience;
    const timer = setTimeout(() => {
      this.#goAway(new Error(`no message within ${firstMessageMs / 1000} s`), signal);
    }, firstMessageMs).unref();
    let messages = 0;
    try {
      for await (const message of client.stream(watchDeviceHealth, signal)) {
        const told = parseXpumdMessage(message);
        clearTimeout(timer);
        this.#take(messages === 0 ? told : new Map([...this.#known, ...told]));
        messages += 1;
      }
      return { messages, error: new Error('xpumd ended the stream') };
    } catch (error) {
      return { messages, error };
    } finally {
      clearTimeout(timer);
    }
  }

  #take(told: ReadonlyMap<string, XpumdReading>): void {
    if (told.size > maxCards) throw new Error(`xpumd tells of more than ${maxCards} cards`);
    const known = withKnownWords(told, this.#known);
    const isSame = !this.#isAway && isDeepStrictEqual(known, this.#known);
    this.#troubles.ends(sourceAway, { socket: this.#socket }, 'health source is back');
    this.#isAway = false;
    if (isSame) return;
    log.v(2).info('xpumd tells of health', { cards: known.size, bad: count(known, 'bad') });
    this.#known = known;
    requestRescan();
  }

  #goAway(error: unknown, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#troubles.begins(sourceAway, { socket: this.#socket }, { error });
    if (this.#isAway) return;
    this.#isAway = true;
    requestRescan();
  }
}

/** The waits are half fixed and half random: 1 s to 2 s at first, 5 s to 10 s in the end. */
const defaultPatience: XpumdPatience = { backoff: { firstMs: 2_000, maxMs: 10_000 }, firstMessageMs: 10_000 };

const watchDeviceHealth = {
  method: '/deviceinfo.DeviceInfo/WatchDeviceHealth',
  request: WatchDeviceHealthRequest.encode({}).finish(),
};

/** More than a node can have: 16 cards with 255 virtual functions each. */
const maxCards = 4096;

const unknown: HealthReading = { state: 'unknown' };
const away: HealthReading = { state: 'away', reason: 'xpumd does not answer' };
const sourceAway = 'health source is away';

function count(known: ReadonlyMap<string, HealthReading>, state: HealthReading['state']): number {
  return [...known.values()].filter((reading) => reading.state === state).length;
}
