// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { log } from '@kube-device-plugins/core';
import { vi } from 'vitest';
import type { GpuCard } from '../src/sysfs/gpu-card.ts';
import type { HealthReading, HealthSource } from '../src/sysfs/health-source.ts';

export const bdf = '0000:03:00.0';
/** It is on no PCI bus. */
export const unplacedCard: GpuCard = { name: 'card9', driver: 'xe', nodes: [], byPathLinks: [], meiNodes: [] };
export const card: GpuCard = { ...unplacedCard, name: 'card0', bdf };
export const otherCard: GpuCard = { ...card, name: 'card1', bdf: '0000:04:00.0' };

/** A directory for sockets, a signal that aborts at the end of the test, and what the log was told in it. */
export class HealthWorld implements AsyncDisposable {
  readonly socket: string;
  readonly logged: string[] = [];
  readonly #directory: string;
  readonly #controller = new AbortController();
  readonly #running: Promise<void>[] = [];

  private constructor(directory: string) {
    this.#directory = directory;
    this.socket = join(directory, 's');
    for (const level of ['info', 'warn'] as const) {
      vi.spyOn(log, level).mockImplementation((message, fields) => {
        this.logged.push(`${level} ${message} ${Object.values(fields ?? {}).join(' ')}`.trim());
      });
    }
  }

  static async create(): Promise<HealthWorld> {
    return new HealthWorld(await mkdtemp(join(tmpdir(), 'kdp-')));
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  follow<Source extends HealthSource>(source: Source): Source {
    if (source.follow !== undefined) this.run(source.follow(this.signal));
    return source;
  }

  /** What ends with the signal. */
  run(loop: Promise<void>): void {
    this.#running.push(loop);
  }

  /** What `source` says of the first card. */
  async reading(source: HealthSource): Promise<HealthReading | undefined> {
    return (await source.read([card], this.signal)).get(card.name);
  }

  async state(source: HealthSource): Promise<string | undefined> {
    return (await this.reading(source))?.state;
  }

  /** Messages that begin with this. */
  told(start: string): number {
    return this.logged.filter((line) => line.startsWith(start)).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#controller.abort();
    await Promise.all(this.#running);
    vi.restoreAllMocks();
    await rm(this.#directory, { recursive: true });
  }
}
