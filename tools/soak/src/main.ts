// SPDX-License-Identifier: Apache-2.0
import { randomInt } from 'node:crypto';
import { statSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DevicePluginError, isErrno, messageOf } from '@kube-device-plugins/core';
import { usualLimits } from './invariants/all-invariants.ts';
import { parseOptions, type SoakOptions, usage } from './options.ts';
import type { Outcome } from './outcome.ts';
import { builtProgram } from './program.ts';
import { describeFailure } from './report/describe-failure.ts';
import { describeOutcome } from './report/describe-outcome.ts';
import { runSoak, type SoakSettings } from './run-soak.ts';
import { subjects } from './subjects/subjects.ts';

const known = Object.keys(subjects);

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let options: SoakOptions;
  let settings: SoakSettings[];
  let json: FileHandle | undefined;
  try {
    options = parseOptions(args, known);
    settings = settingsOf(options);
    if (!options.help && options.json !== undefined) json = await opened(options.json);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    console.error(`npm run soak: ${error.message}\nSee npm run soak -- --help.`);
    return 2;
  }
  if (options.help) {
    console.log(usage(known));
    return 0;
  }
  try {
    return await soak(options, settings, json, signalOfProcess());
  } catch (error) {
    if (!(error instanceof DevicePluginError)) throw error;
    console.error(`npm run soak: ${messageOf(error)}`);
    return 1;
  } finally {
    await json?.close();
  }
}

/** Before the run, which may take days. @throws RangeError when it cannot be written. */
async function opened(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'w');
  } catch (error) {
    throw new RangeError(`--json: ${file} cannot be written: ${messageOf(error)}`, { cause: error });
  }
}

async function soak(
  options: SoakOptions,
  settings: readonly SoakSettings[],
  json: FileHandle | undefined,
  signal: AbortSignal,
): Promise<number> {
  for (const { subject, seed } of settings) console.log(`${subject.name}: ${options.minutes} min, seed ${seed}`);
  const outcomes = await Promise.all(
    settings.map(async (each) => {
      const outcome = await runSoak(each, signal);
      console.log(describeOutcome(outcome));
      if (outcome.violation !== undefined) console.log(describeFailure(outcome, options));
      return outcome;
    }),
  );
  await json?.writeFile(`${JSON.stringify(outcomes, undefined, 2)}\n`);
  return exitCodeOf(outcomes);
}

function exitCodeOf(outcomes: readonly Outcome[]): number {
  if (outcomes.some(({ violation }) => violation !== undefined)) return 1;
  return outcomes.some(({ isInterrupted }) => isInterrupted) ? 130 : 0;
}

/** @throws RangeError when the program is not there. */
function settingsOf(options: SoakOptions): SoakSettings[] {
  const seed = options.seed ?? randomInt(2 ** 32);
  return options.plugins.flatMap((name) => {
    const subject = subjects[name];
    if (subject === undefined) return [];
    const file = resolve(options.program ?? join(import.meta.dirname, '../../../dist', subject.name, 'main.mjs'));
    if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true)
      throw new RangeError(`there is no file ${file}: npm run build makes it`);
    return {
      subject,
      ...builtProgram(file),
      seed,
      durationMs: options.minutes * 60_000,
      pace: 1,
      cycle: { rounds: 60, withRestarts: 12 },
      limits: usualLimits,
      keep: options.keep,
      progress: progressOf(subject.name),
    };
  });
}

function progressOf(name: string): (text: string) => void {
  const startMs = performance.now();
  return (text) => {
    const seconds = Math.round((performance.now() - startMs) / 1_000);
    const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    console.log(`${time} ${name} ${text}`);
  };
}

/** Stays for good: a second signal finds everything on its way out already. */
function signalOfProcess(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      stop.abort();
    });
  }
  process.stdout.on('error', (error: Error) => {
    // A second error is of what was printed after the first.
    if (stop.signal.aborted) return;
    // Nobody reads on, or the disk is full: what was made for the run, such as mounts, still has to go.
    stop.abort();
    if (!isErrno(error, 'EPIPE')) console.error(`npm run soak cannot write its output: ${error.message}`);
  });
  return stop.signal;
}
