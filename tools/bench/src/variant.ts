// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';

/** Where one measured process finds what it needs. */
export interface Site {
  /** The kubelet's plugin directory. */
  readonly plugins: string;
  /** Root put before /sys and /dev. */
  readonly host: string;
  readonly cdi: string;
  /** Configuration file of the simple plugin. */
  readonly config: string;
  /** Port for metrics on 127.0.0.1. */
  readonly metricsPort: number;
  /** How many devices each of the device nodes stands for. */
  readonly copies: number;
}

/** A program to measure. */
export interface Variant {
  readonly name: string;
  /** Ours, whose failure is a failure of the benchmark. */
  readonly isOwn: boolean;
  /** Serves the metrics port of its site. */
  readonly hasMetrics: boolean;
  /** Follows the device nodes of its site. */
  readonly seesNodes: boolean;
  /** Can be made to list many devices. */
  readonly canHaveMany: boolean;
  readonly env: Readonly<Record<string, string>>;
  command(site: Site): readonly string[];
}

/** Flags of one of our plugins beside those that all have. */
export type OwnFlags = (site: Site) => readonly string[];

/** The flag and the variables of the image. */
const image = {
  flags: ['--max-semi-space-size=1'],
  env: { NODE_OPTIONS: '--use-openssl-ca', MALLOC_ARENA_MAX: '1' },
};

/**
 * The plugin as `node main.mjs`, and as the image starts it.
 *
 * @param warm - the program that starts from a code cache, if there is one.
 */
export function ownVariants(
  node: string,
  main: string,
  warm: string | undefined,
  flags: OwnFlags = ({ config }) => [`-config=${config}`],
): Variant[] {
  const variant = (name: string, command: readonly string[], env: Variant['env']): Variant => ({
    name,
    isOwn: true,
    hasMetrics: true,
    seesNodes: true,
    canHaveMany: true,
    env: { NODE_NAME: 'bench', ...env },
    command: (site) => [...command, ...commonFlags(site), ...flags(site)],
  });
  return [variant('plain', [node, main], {}), variant('image', [node, ...image.flags, warm ?? main], image.env)];
}

/** Everything switched on. */
function commonFlags({ plugins, host, cdi, metricsPort }: Site): string[] {
  return [
    `-device-plugin-path=${plugins}`,
    `-prefix=${host}`,
    `-cdi-dir=${cdi}`,
    `-metrics-bind-address=127.0.0.1:${metricsPort}`,
    '-logging-format=text',
  ];
}

/**
 * Another plugin, from `name=command`. The command is split at spaces outside quotes and run without a shell;
 * {dir}, {dev} and {copies} in it become the plugin directory, the directory with the device nodes and the count of devices for each.
 *
 * @throws RangeError when it has no name, no command or no {dir}.
 */
export function peerVariant(text: string): Variant {
  const [, name, command] = /^([\w.-]{1,20})=(.+)$/.exec(text) ?? [];
  if (name === undefined || command === undefined) throw new RangeError(`--peer takes 'name=command', not '${text}'`);
  if (!command.includes('{dir}'))
    throw new RangeError(`the command of peer ${name} has to have {dir}, its plugin directory`);
  const words = splitCommand(command);
  return {
    name,
    isOwn: false,
    hasMetrics: false,
    seesNodes: command.includes('{dev}'),
    canHaveMany: command.includes('{copies}'),
    env: {},
    command: ({ plugins, host, copies }) =>
      words.map((word) =>
        word.replaceAll('{dir}', plugins).replaceAll('{dev}', join(host, 'dev')).replaceAll('{copies}', String(copies)),
      ),
  };
}

/** Words between spaces; quotes hold one together, and a quote of the other kind within it is a character like any other. */
export function splitCommand(command: string): string[] {
  const words = command.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? [];
  return words.map((word) => word.replaceAll(/"([^"]*)"|'([^']*)'/g, '$1$2'));
}
