// SPDX-License-Identifier: Apache-2.0
import { Argument, Command, Option } from 'commander';
import type { CliContext } from '../cli-context.ts';

/** `kdp doctor`: what is wrong with this node, why it matters, and what mends it. */
export function doctorCommand(context: CliContext): Command {
  return new Command('doctor')
    .description(
      'Look for what keeps device plugins from working on this node, and say what mends it. Changes nothing.',
    )
    .addArgument(new Argument('[plugin...]', 'plugins to have their own checks too; all when none is named'))
    .option('--prefix <directory>', 'directory in which the file system of the node is mounted', '/')
    .option('--device-plugin-path <directory>', "the kubelet's directory for plugins, as the node names it")
    .option('--cdi-dir <directory>', 'directory for CDI specs, as the node names it', '/var/run/cdi')
    .option('--pod-resources-socket <path>', "the kubelet's socket for podresources, as the node names it")
    .option('--pid <number>', 'a running plugin, to have its rights and limits looked at')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['table', 'json']).default('table'))
    .addHelpText(
      'after',
      '\nExits with 1 when there is a problem.\n\nExample, in a debug pod that has the node in /host:\n  kdp doctor gpu --prefix /host --pid 4711',
    )
    .action(async (plugins: readonly string[], options: DoctorOptions) => {
      const { runDoctor } = await import('../doctor/run-doctor.ts');
      await runDoctor(plugins, options, context);
    });
}

/** What the options say. */
export interface DoctorOptions {
  readonly prefix: string;
  readonly devicePluginPath?: string;
  readonly cdiDir: string;
  readonly podResourcesSocket?: string;
  readonly pid?: string;
  readonly output: 'table' | 'json';
}
