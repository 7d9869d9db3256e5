// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface StartOptions {
  readonly help: boolean;
  /** Allocate one device, print what its container gets, and end. */
  readonly once: boolean;
  /** Register with the kubelet of this host instead of an embedded one. */
  readonly kubelet: boolean;
  /** Where a kubelet of this host has its registration socket. */
  readonly kubeletDirectory: string;
  /** Name, folder or file of the plugin. */
  readonly plugin: string;
  /** What stands behind `--`: flags for the plugin. */
  readonly pluginArguments: readonly string[];
}

/** Either options, or what is wrong with the command line. */
export type ParsedOptions = { readonly options: StartOptions } | { readonly problem: string };

/** Never throws: a wrong command line is an answer like any other. */
export function parseOptions(args: readonly string[], defaults: OptionDefaults): ParsedOptions {
  const [ours, pluginArguments] = splitAtDashes(args);
  try {
    const { values } = parseArgs({ args: ours, options: optionConfig, strict: true, allowPositionals: false });
    if (values.once && values.kubelet)
      return { problem: "--once needs the embedded kubelet: only a pod can take a device of the host's own" };
    return {
      options: {
        help: values.help,
        once: values.once,
        kubelet: values.kubelet,
        kubeletDirectory: values['kubelet-dir'] ?? defaults.kubeletDirectory,
        plugin: values.plugin ?? defaults.plugin,
        pluginArguments,
      },
    };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/** What an option has when it is not given. */
export type OptionDefaults = Pick<StartOptions, 'kubeletDirectory' | 'plugin'>;

const optionConfig = {
  help: { type: 'boolean', short: 'h', default: false },
  once: { type: 'boolean', default: false },
  kubelet: { type: 'boolean', default: false },
  'kubelet-dir': { type: 'string' },
  plugin: { type: 'string' },
} as const;

function splitAtDashes(args: readonly string[]): [before: string[], after: string[]] {
  const dashes = args.indexOf('--');
  return dashes < 0 ? [[...args], []] : [args.slice(0, dashes), args.slice(dashes + 1)];
}

/** The text of `--help`. */
export function usage(defaults: OptionDefaults): string {
  return `Usage: npm start [-- OPTIONS [-- PLUGIN FLAGS]]

Runs a plugin against a kubelet embedded in this program, and shows what that kubelet
sees until Ctrl-C. The simple plugin publishes devices of this host and two simulated
ones, unless -config or -device among its flags says otherwise.
Everything it writes is in a temporary directory, which it removes; with --kubelet,
the plugin's sockets are in the directory of that kubelet until it ends.

Options:
  --once             allocate one device, print what its container gets, and end
  --kubelet          register with the kubelet of this host instead
  --kubelet-dir DIR  where that kubelet has its kubelet.sock
                     (default ${defaults.kubeletDirectory})
  --plugin PLUGIN    the plugin to run: the name of a folder in packages/, any folder
                     with a main.ts, or a file; paths start in the repository
                     (default ${defaults.plugin})
  -h, --help         print this text

What stands behind the second -- goes to the plugin, whose own -h lists its flags:
  npm start -- --plugin color-plugin.ts -- -dir /tmp/colors

Exit status: 0 when ended by Ctrl-C or a signal, or when --once is done; 1 when
something failed; 2 for a wrong command line; 128 + N when signal N interrupts --once.
NO_COLOR=1 switches colours off. Without a terminal there are none, and the table is
followed by one line for each event.
`;
}
