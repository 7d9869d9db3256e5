// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, messageOf } from '../errors.ts';
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
    lastingProblem?.begun(this, isForTheNode(error) ? 0 : lastingMs);
  }

  /** Forgets the problems of these names. */
  solved(...whats: readonly string[]): void {
    for (const what of whats) this.#causes.delete(what);
    this.#publish();
    if (this.#causes.size === 0) lastingProblem?.ended(this);
  }

  #publish(): void {
    const problems = [...this.#causes].map(([what, cause]) => `${what}: ${cause}`);
    this.#telemetry.resourceChanged(this.#resourceName, {
      problem: problems.length === 0 ? undefined : problems.join('; '),
    });
  }
}

/** Calls back once, when a resource has had a problem for a while: 5 s, or none where only somebody at the node can solve it. */
class LastingProblem {
  readonly #timers = new Map<ProblemReport, NodeJS.Timeout>();
  readonly #callback: () => void;

  constructor(callback: () => void) {
    this.#callback = callback;
  }

  begun(report: ProblemReport, afterMs: number): void {
    if (this.#timers.has(report)) return;
    const timer = setTimeout(() => {
      if (lastingProblem !== this) return;
      lastingProblem = undefined;
      this.#callback();
    }, afterMs);
    this.#timers.set(report, timer.unref());
  }

  ended(report: ProblemReport): void {
    clearTimeout(this.#timers.get(report));
    this.#timers.delete(report);
  }
}

let lastingProblem: LastingProblem | undefined;

/** Calls back once in the life of the process, when the problem of a resource has lasted for a while. */
export function onLastingProblem(callback: () => void): void {
  lastingProblem = new LastingProblem(callback);
}

/** A kubelet that starts anew is back by then. */
const lastingMs = 5_000;

function isForTheNode(error: unknown): boolean {
  return error instanceof DevicePluginError && error.code === 'PLUGIN_DIR_UNUSABLE';
}
