// SPDX-License-Identifier: Apache-2.0
import { ClauseFailure } from './clause.ts';
import type { PluginProcess } from './plugin-process.ts';
import type { Stage } from './stage.ts';

/**
 * Looks on for a while. @throws ClauseFailure when the plugin takes much of a processor: it has nothing to do but to wait.
 * What the middle of several looks shows counts, because runtimes clean up now and then, and a busy machine gives in fits and starts.
 */
export async function expectQuiet(stage: Stage, plugin: PluginProcess): Promise<string> {
  const shares: number[] = [];
  const isQuiet = (): boolean => shares.length > 1 && shares.slice(-2).every((share) => share <= quietShare);
  while (shares.length < looks && !isQuiet()) {
    const before = plugin.cpuMs;
    const startMs = performance.now();
    await stage.pause(lookMs);
    const after = plugin.cpuMs;
    if (before === undefined || after === undefined) return 'processor time is not known on this system';
    shares.push((after - before) / (performance.now() - startMs));
  }
  const middle = shares.toSorted((a, b) => a - b)[Math.floor(shares.length / 2)] ?? 0;
  const share = isQuiet() ? (shares.at(-1) ?? 0) : middle;
  const percent = `${Math.round(100 * share)} % of a processor`;
  if (share > busyShare) throw new ClauseFailure(`takes ${percent} while it has nothing to do`);
  return percent;
}

const looks = 5;
const lookMs = 500;
const quietShare = 0.04;
/** A busy loop takes a whole processor, and what is left of it on a busy machine. */
const busyShare = 0.08;
