// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface BenchOptions {
  readonly help: boolean;
  /** Few runs, to see whether it works. */
  readonly quick: boolean;
  /** Names of measurements; empty: all. */
  readonly only: readonly string[];
  readonly runs: number;
  /** The bundle to measure; undefined: the one that was built. */
  readonly plugin: string | undefined;
  /** Other plugins as `name=command`. */
  readonly peers: readonly string[];
  /** Where all figures go. */
  readonly json: string | undefined;
  /** Where the plot of the growth goes. */
  readonly svg: string | undefined;
}

/**
 * @param names - of the measurements.
 * @throws RangeError or TypeError that says what is wrong with the command line.
 */
export function parseOptions(args: readonly string[], names: readonly string[]): BenchOptions {
  const { values } = parseArgs({ args: [...args], options: optionConfig, strict: true, allowPositionals: false });
  const only = (values.only ?? '').split(',').filter((name) => name !== '');
  const unknown = only.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new RangeError(`there is no measurement '${unknown}'; there are: ${names.join(', ')}`);
  return {
    help: values.help,
    quick: values.quick,
    only,
    runs: parseRuns(values.runs ?? (values.quick ? '2' : '10')),
    plugin: values.plugin,
    peers: values.peer,
    json: values.json,
    svg: values.svg,
  };
}

const optionConfig = {
  help: { type: 'boolean', short: 'h', default: false },
  quick: { type: 'boolean', default: false },
  only: { type: 'string' },
  runs: { type: 'string' },
  plugin: { type: 'string' },
  peer: { type: 'string', multiple: true, default: [] as string[] },
  json: { type: 'string' },
  svg: { type: 'string' },
} as const;

function parseRuns(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new RangeError(`--runs takes a number from 1 to 999, not '${text}'`);
  return Number(text);
}

/** The text of `--help`. */
export function usage(names: readonly string[]): string {
  return `Usage: npm run bench [-- OPTIONS]

Measures the built simple plugin, with everything switched on, against a kubelet that is
a process of its own and does little else than look at the clock; at the end also how the
built GPU and QAT plugins scan, and what plugins take in one process. Prints one table:
median [least–most] of all runs, and whether the median keeps the target. Nothing fails
because it is slow. About 20 minutes.
What each row is: docs/reference/benchmarks.md.

Columns:
  plain   node main.mjs
  image   with the flags and the code cache that the container image uses

Options:
  --quick         2 runs and a shorter window for idle CPU: whether it works, in some minutes
  --only NAMES    these measurements only, separated by commas:
                  ${names.join(', ')}
  --runs N        runs of each measurement (default 10)
  --plugin FILE   the bundle to measure (default dist/simple-plugin/main.mjs); not for gpu and qat
  --peer NAME=COMMAND
                  another plugin, measured in turn with ours and shown with how many
                  times its figure 'image' takes; may be repeated. In COMMAND
                    {dir}     becomes its plugin directory, and is needed,
                    {dev}     the directory with 4 device nodes, kdp0 to kdp3,
                    {copies}  how many devices each node counts for: 1, or 2500
                  It is split at spaces outside quotes, and no shell is involved.
  --json FILE     write every figure to FILE
  --svg FILE      write a plot of how costs grow with the number of devices to FILE; with growth
  -h, --help      print this text

Exit status: 0 when all was measured, however slow; 1 when something could not be
measured that should have been; 2 for a wrong command line; 130 when interrupted.
Device nodes come and go, and the CPU limit is set, only where the user may do so (root).
`;
}
