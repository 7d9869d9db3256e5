// SPDX-License-Identifier: Apache-2.0
import { childController, isSettled } from './abortable.ts';
import { connectionOf } from './grpc-server.ts';
import type { KubeletLink } from './kubelet-link.ts';
import type { ListCall } from './list-stream.ts';

/** The ListAndWatch streams of one resource that are open, whoever opened them. */
export class OpenStreams {
  readonly #link: KubeletLink;
  readonly #open = new Set<Promise<void>>();
  #ending = new AbortController();

  /** @param link - hears of those that are the kubelet's. */
  constructor(link: KubeletLink) {
    this.#link = link;
  }

  /**
   * Has `feed` serve a stream, which ends in good order when it resolves.
   * Its signal aborts when the reader is gone or the stream shall end. It must not reject.
   */
  serve(call: ListCall, feed: (signal: AbortSignal) => Promise<void>): void {
    const ended = this.#link.streamOpened(connectionOf(call));
    const { controller, release } = childController(this.#ending.signal);
    const leave = (): void => {
      controller.abort();
    };
    call.once('cancelled', leave).once('close', leave).once('error', leave);
    const stream = feed(controller.signal).finally(() => {
      this.#open.delete(stream);
      release();
      call.end();
      ended?.();
    });
    this.#open.add(stream);
  }

  /** Ends all that are open, and waits for them, but not for ever. */
  async end(): Promise<void> {
    const ending = this.#ending;
    this.#ending = new AbortController();
    ending.abort();
    await isSettled(Promise.all(this.#open), graceMs);
  }

  /** The same, and streams that are opened from now on end after their first message. */
  async close(): Promise<void> {
    this.#ending.abort();
    await isSettled(Promise.all(this.#open), graceMs);
  }
}

/** How long a stream may take to end: as long as calls in flight may. */
const graceMs = 5_000;
