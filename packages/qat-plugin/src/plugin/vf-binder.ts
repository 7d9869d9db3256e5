// SPDX-License-Identifier: Apache-2.0
import { type Host, isSettled, log, messageOf, type Remark } from '@kube-device-plugins/core';
import type { VirtualFunction } from '../sysfs/virtual-functions.ts';
import { bindVf } from './driver-binding.ts';
import type { HostWriter } from './host-writer.ts';
import { longWriteMs, patientWriter } from './patient-writer.ts';

/**
 * Binds virtual functions (VFs) to the driver they are handed out with, one after another. One that the kernel does not bind within 2 s
 * is left to it, so that the others are published: the kernel waits for whoever uses the device.
 */
export class VfBinder {
  readonly #host: Host;
  readonly #writer: HostWriter;
  readonly #driver: string;
  /** Address → the file that the kernel has been given last. */
  readonly #pending = new Map<string, string>();

  constructor(host: Host, writer: HostWriter, driver: string) {
    this.#host = host;
    this.#writer = writer;
    this.#driver = driver;
  }

  /** Binds those that another driver has, and returns why VFs are not bound. Begins none when `signal` has aborted. */
  async bind(vfs: readonly VirtualFunction[], signal: AbortSignal): Promise<BindingOutcome> {
    const problems = new Map<string, string>();
    const unbound = vfs.filter((vf) => vf.driver !== this.#driver || this.#pending.has(vf.bdf));
    const missing = unbound.length === 0 ? undefined : await this.#missingDriver();
    for (const vf of unbound) {
      if (signal.aborted) break;
      const problem = missing ?? (await this.#bindOne(vf, signal));
      if (problem !== undefined) problems.set(vf.bdf, problem);
    }
    return { problems, remarks: missing === undefined ? [] : unbound.map(({ bdf }) => cannotBind(bdf, missing)) };
  }

  async #missingDriver(): Promise<string | undefined> {
    const directory = `/sys/bus/pci/drivers/${this.#driver}`;
    if (await this.#host.exists(directory)) return undefined;
    return `there is no ${directory}: run "modprobe ${this.#driver}" on the host`;
  }

  async #bindOne({ bdf, driver }: VirtualFunction, signal: AbortSignal): Promise<string | undefined> {
    if (!this.#pending.has(bdf)) {
      if (this.#pending.size === mostPending) return `binding to ${this.#driver} waits for other virtual functions`;
      const binding = this.#start(bdf, driver, signal);
      if (await isSettled(binding, longWriteMs)) return await binding;
    }
    return `binding to ${this.#driver} takes long: ${this.#pending.get(bdf) ?? ''}`;
  }

  #start(bdf: string, from: string | undefined, signal: AbortSignal): Promise<string | undefined> {
    const writer = patientWriter(this.#writer, signal, (path, text) => {
      this.#pending.set(bdf, path);
      log.v(2).info('writing', { path, text });
    });
    return bindVf(writer, bdf, this.#driver, from)
      .then(() => undefined, messageOf)
      .finally(() => this.#pending.delete(bdf));
  }
}

/** What {@link VfBinder.bind} leaves behind. */
export interface BindingOutcome {
  /** Why VFs are not bound, by their addresses. */
  readonly problems: ReadonlyMap<string, string>;
  /** What they have in common. */
  readonly remarks: readonly Remark[];
}

function cannotBind(subject: string, reason: string): Remark {
  return { message: 'virtual functions cannot be bound', subject, reason };
}

/** Each holds one of the four threads that Node.js does file work with (libuv, UV_THREADPOOL_SIZE). */
const mostPending = 2;
