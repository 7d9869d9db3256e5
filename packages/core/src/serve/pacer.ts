// SPDX-License-Identifier: Apache-2.0
import { TokenBucket, type TokenRate } from './token-bucket.ts';

/** Runs something as often as asked, but no more often than a rate allows: what is asked for in between comes as one, as soon as it may. */
export class Pacer {
  readonly #run: () => void;
  readonly #bucket: TokenBucket;
  #timer: NodeJS.Timeout | undefined;

  constructor(rate: TokenRate, run: () => void) {
    this.#run = run;
    this.#bucket = new TokenBucket(rate);
  }

  /** Runs at once, or at the latest when the next token is there. Does not keep the process alive. */
  request(): void {
    if (this.#timer !== undefined) return;
    const waitMs = this.#bucket.take(performance.now());
    if (waitMs === 0) this.#run();
    else this.#timer = setTimeout(this.#resume, Math.ceil(waitMs)).unref();
  }

  readonly #resume = (): void => {
    this.#timer = undefined;
    this.request();
  };
}
