// SPDX-License-Identifier: Apache-2.0
import { Command, Option } from 'commander';
import { ExitWith, type CliContext } from '../cli-context.ts';

/** `kdp validate`: what a plugin would find fault with in its files. */
export function validateCommand(context: CliContext): Command {
  return new Command('validate')
    .description('Check configuration files of plugins, and files of flags, as the plugins themselves do.')
    .argument('[file...]', '<plugin>.yaml, <plugin>.flags, or any name with --plugin')
    .option('-p, --plugin <plugin>', 'whom the files are for; otherwise their $schema or their names say so')
    .option('--hosted', 'they are for one of several plugins in a process, where common flags are not theirs to set')
    .option('--print-schema <plugin>', 'print the JSON Schema of the files of a plugin, and check nothing')
    .addOption(new Option('-o, --output <format>', 'what to print').choices(['text', 'json']).default('text'))
    .addHelpText('after', '\nExample:\n  kdp validate /etc/kube-device-plugins/gpu.yaml')
    .action(async (files: readonly string[], options: ValidateFlags, command: Command) => {
      const { plugins } = await import('@kube-device-plugins/all/hosted-plugins');
      const { requirePlugin, validateFile } = await import('../validate/validate-file.ts');
      if (options.printSchema !== undefined) {
        const { schemaText } = await import('../validate/schema-text.ts');
        context.print(await schemaText(requirePlugin(options.printSchema, plugins), plugins));
        return;
      }
      if (files.length === 0) command.error("error: missing required argument 'file'");
      const plugin = options.plugin === undefined ? undefined : requirePlugin(options.plugin, plugins);
      const how = { plugins, plugin, isHosted: options.hosted === true };
      const reports = await Promise.all(files.map((file) => validateFile(file, how)));
      const { reportJson, reportText } = await import('../validate/report-text.ts');
      context.print(options.output === 'json' ? reportJson(reports) : reportText(reports));
      if (reports.some(({ faults }) => faults.length > 0)) throw new ExitWith(1);
    });
}

interface ValidateFlags {
  readonly plugin?: string;
  readonly hosted?: true;
  readonly printSchema?: string;
  readonly output: 'text' | 'json';
}
