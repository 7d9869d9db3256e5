// SPDX-License-Identifier: Apache-2.0
import { messageOf } from '../errors.ts';
import { log } from '../log/log.ts';
import { currentTelemetry } from '../observe/telemetry.ts';

/** Tells of what keeps a resource from working: each cause once, however often it is met, until it is solved. */
export class ProblemReport {
  readonly #resourceName: string;
  readonly #causes = new Map<string, string>();
  readonly #telemetry = currentTelemetry();

  constructor(resourceName: string) {
    this.#resourceName = resourceName;
  }

  /** @param what - what does not work, a constant text; `error` says why. */
  report(what: string, error: unknown): void {
    const cause = messageOf(error);
    if (this.#causes.get(what) === cause) return;
    this.#causes.set(what, cause);
    this.#publish();
    log.warn(what, { resource: this.#resourceName, error });
  }

  /** Forgets the problems of these names. */
  solved(...whats: readonly string[]): void {
    for (const what of whats) this.#causes.delete(what);
    this.#publish();
  }

  #publish(): void {
    const problems = [...this.#causes].map(([what, cause]) => `${what}: ${cause}`);
    this.#telemetry.resourceChanged(this.#resourceName, {
      problem: problems.length === 0 ? undefined : problems.join('; '),
    });
  }
}
