// SPDX-License-Identifier: Apache-2.0
import { ExitWith, type CliContext } from '../cli-context.ts';
import { inspectPlugins } from './inspect-plugins.ts';
import type { InspectOptions, InspectOutput } from './inspect-options.ts';
import { inspectSubject } from './inspect-subject.ts';
import { inspectText } from './inspect-text.ts';
import type { PluginReport } from './plugin-report.ts';

/**
 * Prints what plugins find.
 *
 * @param name - of the plugin; undefined for the one that the capture is of, or else for all.
 * @throws ExitWith 1 when a scan failed, 2 when the plugin that was named, or every one, refuses its flags.
 */
export async function runInspect(
  name: string | undefined,
  flags: readonly string[],
  options: InspectOptions,
  context: CliContext,
): Promise<void> {
  await using subject = await inspectSubject(name, flags, options, context.printError);
  const { plugins, args } = subject;
  const settings = { args, env: context.env, timeoutMs: options.timeoutMs };
  const reports = await inspectPlugins(plugins, settings, context.signal);
  context.print(await render(reports, options.output, context));
  if (reports.some(({ outcome }) => outcome === 'failed')) throw new ExitWith(1);
  if (reports.every(({ outcome }) => outcome === 'refused')) throw new ExitWith(2);
}

async function render(
  reports: readonly PluginReport[],
  output: InspectOutput,
  { terminal }: CliContext,
): Promise<string> {
  if (output === 'json') return `${JSON.stringify({ plugins: reports }, undefined, 2)}\n`;
  if (output === 'yaml') return (await import('yaml')).stringify({ plugins: reports });
  const isWide = output === 'wide';
  return inspectText(reports, { isWide, width: isWide ? undefined : terminal?.columns() });
}
