// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { DevicePluginError } from '@kube-device-plugins/core';
import type { Budgets } from './budgets.ts';
import { ClauseFailure } from './clause.ts';
import { Stage, type StageSettings } from './stage.ts';
import type { ConformanceSubject } from './subject.ts';

/**
 * Starts the plugin once, so that what would make every clause fail is told one time and in plain words. A plugin that registers and
 * does something else wrong is left to the clauses.
 *
 * @throws DevicePluginError `FLAG_INVALID` when the command cannot be started, or the plugin registers other resources; ClauseFailure when
 * it exits, or does not register at all.
 */
export async function tryOut(settings: StageSettings): Promise<void> {
  const { subject, budgets, signal } = settings;
  const { prepare, populate, overfill } = subject.hooks ?? {};
  // A plugin whose devices come only with a clause may rightly register nothing before.
  if (prepare === undefined && (populate ?? overfill) !== undefined) return;
  const isOver = (): boolean => signal.aborted;
  if (isOver()) return;
  await using stage = new Stage(settings);
  const hasRegistered = (): boolean => subject.resources.every((resource) => stage.kubelet.registrations(resource) > 0);
  const start = async (): Promise<void> => {
    await stage.begin();
    await stage.until(hasRegistered, budgets.registerMs, () => 'every resource');
  };
  const done = new AbortController();
  try {
    await Promise.race([start(), once(signal, 'abort', { signal: done.signal })]);
  } catch (error) {
    if (isOver()) return;
    if (!(error instanceof ClauseFailure)) throw error;
    throwReason(stage, subject, budgets);
  } finally {
    done.abort();
  }
}

function throwReason(stage: Stage, { command, resources }: ConformanceSubject, { registerMs }: Budgets): void {
  const { plugin } = stage;
  if (plugin.startError !== undefined) {
    const message = `the command ${command[0]} cannot be started: ${plugin.startError.message}`;
    throw new DevicePluginError('FLAG_INVALID', message, { cause: plugin.startError });
  }
  if (plugin.exit !== undefined) throw new ClauseFailure(`started by ${command.join(' ')}, the plugin ${plugin.told}`);
  const registered = new Set<string>();
  for (const call of stage.kubelet.calls) if (call.method === 'Register') registered.add(call.request.resourceName);
  const missing = resources.filter((resource) => !registered.has(resource));
  if (missing.length === 0) return;
  const names = (set: Iterable<string>): string => [...set].join(', ');
  if (registered.size > 0) {
    const message = `the plugin registers ${names(registered)}, but not ${names(missing)}: name by --resource what it registers`;
    throw new DevicePluginError('FLAG_INVALID', message);
  }
  const output =
    plugin.output.trim() === '' ? 'says nothing' : `says: ${plugin.output.trim().split('\n').at(-1) ?? ''}`;
  throw new ClauseFailure(
    `the plugin runs, but has not called Register on {dir}/kubelet.sock within ${registerMs} ms, and ${output}`,
  );
}
