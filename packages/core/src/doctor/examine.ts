// SPDX-License-Identifier: Apache-2.0
import { messageOf } from '../errors.ts';
import { childController, pause } from '../serve/abortable.ts';
import { unknown, type Check, type CheckState, type Verdict } from './check.ts';
import type { Scene } from './scene.ts';

/** What came of one check. */
export interface Finding {
  readonly id: string;
  readonly what: string;
  readonly state: CheckState;
  readonly found: string;
  readonly why: string;
  /** Only where there is something to mend. */
  readonly remedy?: string;
}

/**
 * Runs the checks at the same time, and resolves with what they found, in their order. Never rejects, and takes no longer than `timeoutMs`:
 * a check that does then not know, or that fails, is `unknown`.
 */
export async function examine(
  checks: readonly Check[],
  scene: Scene,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { controller, release } = childController(signal);
  const late = pause(timeoutMs, signal).then(() => unknown(`no answer within ${timeoutMs / 1000} s`));
  const findings = await Promise.all(
    checks.map(async (check) => {
      const verdict = Promise.try(() => check.examine(scene, controller.signal)).catch((error: unknown) =>
        unknown(messageOf(error)),
      );
      return findingOf(check, await Promise.race([verdict, late]), scene);
    }),
  );
  controller.abort();
  release();
  return findings;
}

function findingOf({ id, what, why, remedy: usual }: Check, verdict: Verdict, { plugin }: Scene): Finding {
  const { state, found } = verdict;
  const isToMend = state === 'problem' || state === 'warning';
  const remedy = (verdict.remedy ?? usual).replaceAll('$PLUGIN', plugin ?? '$PLUGIN');
  return { id, what, state, found, why, ...(isToMend ? { remedy } : {}) };
}
