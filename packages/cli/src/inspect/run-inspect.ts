// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { extractCapture } from '@kube-device-plugins/core';
import { ExitWith, type CliContext } from '../cli-context.ts';
import { allPlugins, findPlugin, type AnyPlugin } from '../plugins/find-plugin.ts';
import { inspectPlugins } from './inspect-plugins.ts';
import type { InspectOptions, InspectOutput } from './inspect-options.ts';
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
  await using subject = await findSubject(name, flags, options);
  const { plugins, args } = subject;
  const settings = { args, env: context.env, timeoutMs: options.timeoutMs };
  const reports = await inspectPlugins(plugins, settings, context.signal);
  context.print(await render(reports, options.output, context));
  if (reports.some(({ outcome }) => outcome === 'failed')) throw new ExitWith(1);
  if (reports.every(({ outcome }) => outcome === 'refused')) throw new ExitWith(2);
}

interface Subject extends AsyncDisposable {
  readonly plugins: readonly AnyPlugin[];
  readonly args: readonly string[];
}

/** A capture says which plugin it is of and which flags that had, for whoever does not say otherwise. */
async function findSubject(
  name: string | undefined,
  flags: readonly string[],
  { prefix, replay }: InspectOptions,
): Promise<Subject> {
  if (replay === undefined) {
    const where = prefix === undefined ? [] : [`-prefix=${resolve(prefix)}`];
    const plugins = name === undefined ? await allPlugins() : [await findPlugin(name)];
    return { plugins, args: [...where, ...flags], [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const capture = await extractCapture(replay);
  const dispose = async (): Promise<void> => {
    await capture[Symbol.asyncDispose]();
  };
  try {
    const { description } = capture;
    const wanted = name ?? description?.plugin;
    const plugins = wanted === undefined ? await allPlugins() : [await findPlugin(wanted)];
    const isSame = plugins.length === 1 && plugins[0]?.name === description?.plugin;
    const itsFlags = flags.length === 0 && isSame ? (description?.flags ?? []) : flags;
    return { plugins, args: [`-prefix=${capture.root}`, ...itsFlags], [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
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
