// SPDX-License-Identifier: Apache-2.0

/** After a run, how long the next event has to wait: what comes and goes over and over has at most a fifth of the time spent on it. */
export class Rest {
  #untilMs = 0;

  /** Milliseconds; zero or less when there is nothing to wait for. */
  get leftMs(): number {
    return this.#untilMs - performance.now();
  }

  async after(run: () => Promise<void>): Promise<void> {
    const startMs = performance.now();
    await run();
    const endMs = performance.now();
    this.#untilMs = endMs + Math.min(4 * (endMs - startMs), longestMs);
  }
}

/** A run that waits for a device takes no processor time, and nobody should notice a rest. */
const longestMs = 100;
