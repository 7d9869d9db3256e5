// SPDX-License-Identifier: Apache-2.0
import { Command } from 'commander';
import type { CaptureOptions } from '../capture/capture-options.ts';
import type { CliContext } from '../cli-context.ts';
import { timeoutOption } from './timeout-option.ts';

/** `kdp capture` */
export function captureCommand(context: CliContext): Command {
  return new Command('capture')
    .description('Record what a plugin reads of this host as a tar archive, for --replay and for bug reports.')
    .argument('<plugin>', 'name of the plugin')
    .argument('[flags...]', 'flags of the plugin, behind --')
    .option('--prefix <directory>', 'look for /sys and /dev in this directory')
    .option('-o, --output <file>', 'write to this file instead of standard output')
    .option('--redact', 'replace serial numbers, MAC addresses, UUIDs, WWNs and the name of the host')
    .addOption(timeoutOption())
    .addHelpText('after', '\nExample:\n  kdp capture --redact gpu > node.tar')
    .action(async (plugin: string, flags: string[], { timeout: timeoutMs, ...options }: Options) => {
      const { runCapture } = await import('../capture/run-capture.ts');
      await runCapture(plugin, flags, { ...options, timeoutMs }, context);
    });
}

type Options = Omit<CaptureOptions, 'timeoutMs'> & { readonly timeout: number };
