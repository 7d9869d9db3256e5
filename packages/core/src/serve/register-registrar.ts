// SPDX-License-Identifier: Apache-2.0
import type { DevicePlugin } from '../device-plugin.ts';
import { log } from '../log/log.ts';
import { currentTelemetry } from '../observe/telemetry.ts';
import { startGate } from '../watch/start-gate.ts';
import { aborted, childController, pause } from './abortable.ts';
import { backoffMs } from './backoff.ts';
import { isSameFile, type FileIdentity } from './file-identity.ts';
import type { KubeletDirectory } from './kubelet-directory.ts';
import type { KubeletLink } from './kubelet-link.ts';
import type { ListeningSocket } from './listening-socket.ts';
import type { ProblemReport } from './problem-report.ts';
import type { Registrar } from './registrar.ts';
import { register } from './registration.ts';

/** What a {@link RegisterRegistrar} works with. */
export interface RegisterRegistrarParts {
  readonly resourceName: string;
  readonly plugin: DevicePlugin;
  readonly directory: KubeletDirectory;
  readonly link: KubeletLink;
  readonly problems: ProblemReport;
  /** Ends the streams of earlier registrations: kubelets up to 1.36 take the end of an old stream for the end of the new one. */
  readonly endStreams: () => Promise<void>;
}

/**
 * Registers by calling the kubelet, and again whenever the kubelet may have forgotten: its socket is another file, its stream ended,
 * or it never opened one. Kubelets never ask again by themselves.
 */
export class RegisterRegistrar implements Registrar {
  readonly #parts: RegisterRegistrarParts;
  readonly #telemetry = currentTelemetry();
  /** Registrations that failed, one after another, with one kubelet. */
  #refusals = 0;
  /** Those that did not last, one after another, with one kubelet; how often it had refused before says nothing of its streams. */
  #brokenStreams = 0;

  constructor(parts: RegisterRegistrarParts) {
    this.#parts = parts;
  }

  async keepRegistered(socket: ListeningSocket, signal: AbortSignal): Promise<void> {
    const { directory } = this.#parts;
    while (socket.isInPlace() && !signal.aborted) {
      const kubelet = directory.kubeletIdentity();
      const { controller, release } = childController(signal);
      const unsubscribe = directory.subscribe(() => {
        if (!socket.isInPlace() || !isSameFile(kubelet, directory.kubeletIdentity())) controller.abort();
      });
      await this.#stayWith(kubelet, socket, controller.signal);
      if (!isSameFile(kubelet, directory.kubeletIdentity())) this.#refusals = this.#brokenStreams = 0;
      unsubscribe();
      release();
    }
  }

  /** Resolves when it is time to register again, at the latest when `signal` aborts: then there is another kubelet or another socket. */
  async #stayWith(kubelet: FileIdentity | undefined, socket: ListeningSocket, signal: AbortSignal): Promise<void> {
    if (kubelet === undefined) {
      this.#parts.problems.solved(failing);
      this.#parts.problems.report(waiting, `${this.#parts.directory.kubeletSocket} is not there yet`);
      startGate.open();
      return aborted(signal);
    }
    this.#parts.problems.solved(waiting);
    if (!(await this.#register(socket, signal))) {
      startGate.open();
      this.#refusals += 1;
      return pause(backoffMs(this.#refusals, registerBackoff, Math.random()), signal);
    }
    this.#refusals = 0;
    const livedMs = await this.#untilStreamEnds(signal);
    if (livedMs >= stableStreamMs) this.#brokenStreams = 0;
    if (signal.aborted) return;
    this.#brokenStreams += 1;
    await pause(backoffMs(this.#brokenStreams, streamBackoff, Math.random()), signal);
  }

  async #register(socket: ListeningSocket, signal: AbortSignal): Promise<boolean> {
    const { resourceName, plugin, directory, link, problems, endStreams } = this.#parts;
    await endStreams();
    link.expectNew();
    try {
      await register(directory.kubeletSocket, resourceName, socket.endpoint, plugin, signal);
    } catch (error) {
      this.#telemetry.registrations.add({ resource: resourceName, result: 'error' });
      if (!signal.aborted) problems.report(failing, error);
      return false;
    }
    this.#telemetry.registrations.add({ resource: resourceName, result: 'ok' });
    this.#telemetry.resourceChanged(resourceName, { registered: true });
    problems.solved(failing);
    log.info('registered with the kubelet', { resource: resourceName, socket: socket.endpoint });
    return true;
  }

  /** Resolves with how long the kubelet listened, in milliseconds: 0 when it did not begin to in time. */
  async #untilStreamEnds(signal: AbortSignal): Promise<number> {
    const { resourceName, link } = this.#parts;
    const { controller, release } = childController(signal);
    const end = (): void => {
      controller.abort();
    };
    const timer = setTimeout(end, firstStreamTimeoutMs).unref();
    const startMs = performance.now();
    const check = (): void => {
      if (link.isOpen) clearTimeout(timer);
      // Kubelets may open the stream, and end it, before the answer to Register is here.
      else if (link.hasOpened) end();
    };
    const unsubscribe = link.subscribe(check);
    check();
    await aborted(controller.signal);
    unsubscribe();
    clearTimeout(timer);
    release();
    this.#telemetry.resourceChanged(resourceName, { registered: false });
    const reason = link.hasOpened ? 'the kubelet ended its stream' : 'the kubelet opened no stream';
    if (!signal.aborted) log.info('registering again', { resource: resourceName, reason });
    return link.hasOpened ? performance.now() - startMs : 0;
  }
}

const waiting = 'waiting for the kubelet';
const failing = 'cannot register with the kubelet, trying again';

/** A kubelet that has just made its socket may take some milliseconds to listen. */
const registerBackoff = { firstMs: 20, maxMs: 10_000 };

/** Streams that end over and over must not become a storm of registrations. */
const streamBackoff = { firstMs: 100, maxMs: 30_000 };

/** A stream that lived this long ended for a reason of its own. */
const stableStreamMs = 60_000;

/** Kubelets open the stream right after the registration; one that has not by then never will. */
const firstStreamTimeoutMs = 30_000;
