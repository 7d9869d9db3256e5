// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { cleanEnvironment } from './clean-environment.ts';
import { formatSummary } from './report.ts';
import { summarize, type Summary } from './statistics.ts';

/** How much the machine itself wavers, in milliseconds. */
export interface Noise {
  /** From the start to the end of `node -e 0`: no plugin can start faster. */
  readonly emptyStartMs: Summary;
  /** The same arithmetic again and again. */
  readonly loopMs: Summary;
}

const rounds = 15;

export function measureNoise(): Noise {
  const env = cleanEnvironment(process.env);
  const starts = Array.from({ length: rounds }, () =>
    timed(() => spawnSync(process.execPath, ['-e', '0'], { env, stdio: 'ignore' })),
  );
  // The first rounds compile the loop.
  const loops = Array.from({ length: rounds + 5 }, () => timed(fixedLoop)).slice(5);
  return { emptyStartMs: summarize(starts), loopMs: summarize(loops) };
}

export function describeMachine(): string {
  const [cpu] = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const load = loadavg().map((figure) => figure.toFixed(1));
  return `${cpus().length} × ${cpu?.model.trim() ?? 'CPU'}, ${memory}, Linux ${release()}, Node ${process.version}, load ${load.join(' ')}`;
}

export function describeNoise({ emptyStartMs, loopMs }: Noise): string {
  return `noise: node -e 0 ${spread(emptyStartMs)}, a fixed loop ${spread(loopMs)}`;
}

function spread(summary: Summary): string {
  const percent = ((summary.max - summary.min) / summary.median) * 100;
  return `${formatSummary(summary)} ms (spread ${percent.toFixed(0)} %)`;
}

function timed(task: () => unknown): number {
  const startMs = performance.now();
  task();
  return performance.now() - startMs;
}

/** A linear congruential generator: no memory, nothing to optimise away. */
function fixedLoop(): number {
  let state = 1;
  for (let step = 0; step < 5_000_000; step += 1) state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
  return state;
}
