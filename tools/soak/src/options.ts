// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from 'node:util';
import { nearestName } from '@kube-device-plugins/core';

/** What the command line says. */
export interface SoakOptions {
  readonly minutes: number;
  /** Undefined: one by chance. */
  readonly seed: number | undefined;
  /** Names of subjects; they run at the same time. */
  readonly plugins: readonly string[];
  /** A build of the plugin other than the one in dist/. */
  readonly program: string | undefined;
  readonly json: string | undefined;
  readonly keep: boolean;
  readonly help: boolean;
}

/** @throws RangeError with what is wrong. @param known - names of subjects. */
export function parseOptions(args: readonly string[], known: readonly string[]): SoakOptions {
  const { values, positionals } = parsed(args);
  const { seed, plugin = known.join(','), program, json, keep = false, help = false } = values;
  const [minutes = '3', ...more] = positionals;
  if (more.length > 0) throw new RangeError(`one number of minutes, not '${positionals.join(' ')}'`);
  const plugins = [...new Set(plugin.split(',').map((name) => knownName(name, known)))];
  if (program !== undefined && plugins.length !== 1) throw new RangeError('--program goes with one --plugin');
  return {
    minutes: numberBetween('minutes', minutes, 0.05, 10_080),
    seed: seed === undefined ? undefined : wholeNumber('--seed', seed, 4_294_967_295),
    plugins,
    program,
    json,
    keep,
    help,
  };
}

export function usage(known: readonly string[]): string {
  return `npm run soak -- [minutes] [options]

Puts plugins through random faults, minute after minute, and checks all the while what has to hold.

  minutes           how long; default 3
  --seed N          the same faults once more; default: by chance, and told
  --plugin a,b      ${known.join(', ')}; those named run at the same time; default: all
  --program FILE    another build of the one plugin that is named
  --json FILE       everything that was found, for programs
  --keep            leave the directory with the plugin's log
  --help

Exit codes: 0 everything held, 1 something did not, 2 wrong usage, 130 interrupted.
`;
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        seed: { type: 'string' },
        plugin: { type: 'string' },
        program: { type: 'string' },
        json: { type: 'string' },
        keep: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new RangeError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** `gpu-plugin` is `gpu`. */
function knownName(given: string, known: readonly string[]): string {
  const name = given.replace(/-plugin$/, '');
  if (known.includes(name)) return name;
  const near = nearestName(given, known);
  const meant = near === undefined ? '' : `, did you mean ${near}?`;
  throw new RangeError(`there is no plugin '${given}' to soak${meant} There are: ${known.join(', ')}`);
}

function wholeNumber(what: string, text: string, most: number): number {
  if (!/^\d{1,10}$/.test(text) || Number(text) > most)
    throw new RangeError(`${what} is a whole number up to ${most}, not '${text}'`);
  return Number(text);
}

function numberBetween(what: string, text: string, least: number, most: number): number {
  const number = /^\d{1,6}(\.\d{1,6})?$/.test(text) ? Number(text) : NaN;
  if (!(number >= least && number <= most))
    throw new RangeError(`${what}: a number from ${least} to ${most}, not '${text}'`);
  return number;
}
