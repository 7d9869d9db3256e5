// SPDX-License-Identifier: Apache-2.0
import { Command, Option } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { inspectOutputs, type InspectOptions } from '../inspect/inspect-options.ts';
import { timeoutOption } from './timeout-option.ts';

/** `kdp inspect` */
export function inspectCommand(context: CliContext): Command {
  return new Command('inspect')
    .description('Show what the kubelet would get from this host: devices, their health, and what is left out and why.')
    .argument('[plugin]', 'name of a plugin; all of them without it')
    .argument('[flags...]', 'flags of the plugin, behind --')
    .option('--prefix <directory>', 'look for /sys and /dev in this directory')
    .addOption(new Option('--replay <file>', 'look at a host that kdp capture recorded').conflicts('prefix'))
    .addOption(new Option('-o, --output <format>', 'how to print it').choices(inspectOutputs).default('table'))
    .addOption(timeoutOption())
    .addHelpText('after', '\nExample:\n  kdp inspect gpu --replay node.tar -- -shared-dev-num=2')
    .action(async (plugin: string | undefined, flags: string[], { timeout: timeoutMs, ...options }: Options) => {
      const { runInspect } = await import('../inspect/run-inspect.ts');
      const [name, args] = plugin?.startsWith('-') === true ? [undefined, [plugin, ...flags]] : [plugin, flags];
      await runInspect(name, args, { ...options, timeoutMs }, context);
    });
}

type Options = Omit<InspectOptions, 'timeoutMs'> & { readonly timeout: number };
