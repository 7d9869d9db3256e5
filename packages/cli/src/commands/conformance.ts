// SPDX-License-Identifier: Apache-2.0
import { Command, InvalidArgumentError, Option } from 'commander';
import { type CliContext, ExitWith } from '../cli-context.ts';
import type { ConformanceFlags } from '../conformance/conformance-flags.ts';

/** `kdp conformance`: examines any plugin, in any language. */
export function conformanceCommand(context: CliContext): Command {
  const command = new Command('conformance')
    .summary('examine a plugin in any language')
    .description(
      'Starts a Kubernetes device plugin over and over, each time with a kubelet and a directory of its own, and finds out ' +
        'whether it does what a good v1beta1 device plugin does. {dir} in its command stands for the device plugin directory.',
    )
    .argument('[command...]', 'what starts the plugin, behind --')
    .passThroughOptions();
  for (const option of options()) command.addOption(option);
  return command.addHelpText('after', example).action(async (words: readonly string[], flags: ConformanceFlags) => {
    const { runConformance } = await import('../conformance/run-conformance.ts');
    const exitCode = await runConformance(words, flags, context);
    if (exitCode !== 0) throw new ExitWith(exitCode);
  });
}

const example = `
Example:
  kdp conformance --resource example.com/device -- /path/to/plugin --dir {dir}

Clauses that need a device to fail or to go are skipped without --hook or --subject: packages/testkit/README.md says how.
Exit codes: 0 nothing failed; 1 a clause failed, or the run was interrupted; 2 wrong usage.`;

function options(): Option[] {
  return [
    new Option(
      '--resource <name>',
      'full name of a resource that the plugin registers; may be given several times',
    ).argParser(added),
    new Option('--subject <file>', 'JSON with command, resources, env, hooks, budgets and more'),
    new Option(
      '--hook <name=command>',
      'what changes its devices, as "fail=rm {prefix}/dev/{id}"; may be given several times',
    ).argParser(added),
    new Option('--only <ids>', 'only these clauses, or groups such as ST'),
    new Option('--skip <ids>', 'not these'),
    new Option(
      '--profile <release>',
      'the release whose kubelet there is, 1.26 and later, or all: those that differ, with each',
    ),
    new Option('--concurrency <n>', 'plugins that run at a time').default(2).argParser(positive),
    new Option('--idle <seconds>', 'how long nothing must happen where nothing should; the clauses mean 60').argParser(
      positive,
    ),
    new Option('--format <format>', 'how to print the results').choices(['text', 'junit', 'json']).default('text'),
    new Option('--strict', 'also fail for what a plugin should do and need not'),
    new Option('--list', 'print the clauses and exit'),
    new Option('--explain <ids>', 'print these with the reason for each and exit'),
    new Option('--reference', 'print docs/reference/conformance.md and exit'),
  ];
}

function added(value: string, values: readonly string[] = []): string[] {
  return [...values, value];
}

function positive(text: string): number {
  if (/^\d{1,6}$/.test(text) && Number(text) > 0) return Number(text);
  throw new InvalidArgumentError('It is no whole number above 0.');
}
