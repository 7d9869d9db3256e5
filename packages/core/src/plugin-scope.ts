// SPDX-License-Identifier: Apache-2.0
import { AsyncLocalStorage } from 'node:async_hooks';

/** One of several plugins of a process, from one start of it to its end. */
export interface PluginScope {
  /** Name of the plugin: `gpu-plugin`. */
  readonly name: string;
  /** Takes what nobody else caught: an exception in a timer, a rejection that nobody awaits. */
  readonly onStrayError: (error: unknown) => void;
}

const scopes = new AsyncLocalStorage<PluginScope>();

/**
 * The plugin that the running code works for: it was started by it, or by a timer, promise or connection that it made.
 * Undefined in the process of a single plugin, and in what is common to all.
 */
export function currentScope(): PluginScope | undefined {
  return scopes.getStore();
}

/** Runs `task`, and all that comes of it, for this plugin. */
export function inScope<T>(scope: PluginScope, task: () => T): T {
  return scopes.run(scope, task);
}

/** `task` as it runs when it is called here: for callbacks of what plugins share, whoever of them made it. */
export function boundToScope<Args extends unknown[], T>(task: (...args: Args) => T): (...args: Args) => T {
  const scope = currentScope();
  return scope === undefined ? task : (...args) => scopes.run(scope, () => task(...args));
}
