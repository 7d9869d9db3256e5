// SPDX-License-Identifier: Apache-2.0
import { ClauseFailure } from './clause.ts';
import type { PluginProcess } from './plugin-process.ts';
import type { Stage } from './stage.ts';

/**
 * Looks on for a while. @throws ClauseFailure when the plugin takes much of a processor: it has nothing to do but to wait.
 * The best of three looks counts, because a runtime may still be warming up.
 */
export async function expectQuiet(stage: Stage, plugin: PluginProcess): Promise<string> {
  let least = Infinity;
  for (let look = 0; look < 3 && least > busyShare; look++) {
    const before = plugin.cpuMs;
    const startMs = performance.now();
    await stage.pause(lookMs);
    const after = plugin.cpuMs;
    if (before === undefined || after === undefined) return 'processor time is not known on this system';
    least = Math.min(least, (after - before) / (performance.now() - startMs));
  }
  const percent = `${Math.round(100 * least)} % of a processor`;
  if (least > busyShare) throw new ClauseFailure(`takes ${percent} while it has nothing to do`);
  return percent;
}

const lookMs = 700;
/** A busy loop takes a whole processor, and what is left of it on a busy machine. */
const busyShare = 0.1;
