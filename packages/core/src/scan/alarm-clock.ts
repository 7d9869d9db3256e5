// SPDX-License-Identifier: Apache-2.0

/** Longest delay of a timer; a longer one would fire at once (Node.js documentation, setTimeout). */
const maxDelayMs = 2 ** 31 - 1;

/** Wakes one sleeper when the time has come or somebody rings; a ring while nobody sleeps is kept for the next sleep. */
export class AlarmClock {
  #rung = false;
  #wake: (() => void) | undefined;
  #ringTimer: NodeJS.Timeout | undefined;

  /** Ends the sleep now. */
  ring(): void {
    clearTimeout(this.#ringTimer);
    this.#ringTimer = undefined;
    this.#rung = true;
    this.#wake?.();
  }

  /** Ends the sleep in `delayMs`. Further calls until then do not put it off, so a steady stream of them still wakes. */
  ringIn(delayMs: number): void {
    this.#ringTimer ??= setTimeout(() => {
      this.ring();
    }, delayMs);
  }

  /** Sleeps until the next ring, for `sleepMs` at most. One sleeper at a time. */
  async next(sleepMs: number): Promise<void> {
    if (!this.#rung) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        timer = setTimeout(resolve, Math.min(sleepMs, maxDelayMs));
      });
      clearTimeout(timer);
    }
    this.#wake = undefined;
    this.#rung = false;
  }

  /** Forgets a ring that is still to come. */
  stop(): void {
    clearTimeout(this.#ringTimer);
  }
}
