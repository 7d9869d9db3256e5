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
  /** The plugin's program. */
  readonly pluginFile: string;
}

/** Either options, or what is wrong with the command line. */
export type ParsedOptions = { readonly options: StartOptions } | { readonly problem: string };

/** Never throws: a wrong command line is an answer like any other. */
export function parseOptions(args: readonly string[], defaults: OptionDefaults): ParsedOptions {
  try {
    const { values } = parseArgs({ args: [...args], options: optionConfig, strict: true, allowPositionals: false });
    if (values.once && values.kubelet)
      return { problem: "--once needs the embedded kubelet: only a pod can take a device of the host's own" };
    return {
      options: {
        help: values.help,
        once: values.once,
        kubelet: values.kubelet,
        kubeletDirectory: values['kubelet-dir'] ?? defaults.kubeletDirectory,
        pluginFile: values.plugin ?? defaults.pluginFile,
      },
    };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/** What an option has when it is not given. */
export type OptionDefaults = Pick<StartOptions, 'kubeletDirectory' | 'pluginFile'>;

const optionConfig = {
  help: { type: 'boolean', short: 'h', default: false },
  once: { type: 'boolean', default: false },
  kubelet: { type: 'boolean', default: false },
  'kubelet-dir': { type: 'string' },
  plugin: { type: 'string' },
} as const;

/** The text of `--help`. */
export function usage(defaults: OptionDefaults): string {
  return `Usage: npm start [-- OPTIONS]

Runs the simple plugin with devices of this host and two simulated ones, against a
kubelet embedded in this program, and shows what that kubelet sees until Ctrl-C.
Everything it writes is in a temporary directory, which it removes; with --kubelet,
the plugin's sockets are in the directory of that kubelet until it ends.

Options:
  --once             allocate one device, print what its container gets, and end
  --kubelet          register with the kubelet of this host instead
  --kubelet-dir DIR  where that kubelet has its kubelet.sock
                     (default ${defaults.kubeletDirectory})
  --plugin FILE      the plugin to run
                     (default ${defaults.pluginFile})
  -h, --help         print this text

Exit status: 0 when ended by Ctrl-C or a signal, or when --once is done; 1 when
something failed; 2 for a wrong command line; 128 + N when signal N interrupts --once.
NO_COLOR=1 switches colours off. Without a terminal there are none, and the table is
followed by one line for each event.
`;
}
