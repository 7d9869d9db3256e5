// SPDX-License-Identifier: Apache-2.0
import {
  configureLog,
  DevicePluginError,
  hostOf,
  parsePluginFlags,
  scanOnce,
  type ScanFindings,
} from '@kube-device-plugins/core';
import { RecordingHost } from './recording-host.ts';
import type { AnyPlugin } from './find-plugin.ts';

/** One scan of a plugin, and all that it read of the host. */
export interface PluginScan {
  /** Read only; gone when the scan is done with. */
  readonly host: RecordingHost;
  readonly outcome: { readonly findings: ScanFindings } | { readonly error: unknown };
}

/** How to scan. */
export interface ScanSettings {
  /** The flags of the plugin, as on its command line. */
  readonly args: readonly string[];
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly timeoutMs: number;
}

/**
 * Has a plugin scan once, with the code and the flags that it runs with, and hands it to `use` as long as the host is there.
 * Its warnings go to standard error; more of its log does when the flags have -v.
 *
 * @throws DevicePluginError `FLAG_INVALID` for flags that the plugin does not take, `CAPTURE_INVALID` for a replay that cannot be.
 */
export async function scanPlugin<T>(
  plugin: AnyPlugin,
  { args, env, timeoutMs }: ScanSettings,
  signal: AbortSignal,
  use: (scan: PluginScan) => T | Promise<T>,
): Promise<T> {
  const flags = parsePluginFlags(plugin.name, plugin.flags, [...quietFlags(args), ...args], env);
  if (flags.kind !== 'run')
    throw new DevicePluginError('FLAG_INVALID', flags.kind === 'help' ? flags.text : flags.message);
  const { common, klog, own } = flags;
  await using lease = await hostOf(common, (root) => new RecordingHost(root));
  const { host } = lease;
  const restoreLog = configureLog({ klog, name: plugin.name });
  try {
    const options = { flags: { ...own, ...common }, host, env, timeoutMs };
    const outcome = await scanOnce(plugin, options, signal).then(
      (findings) => ({ findings }),
      (error: unknown) => ({ error }),
    );
    signal.throwIfAborted();
    return await use({ host, outcome });
  } finally {
    restoreLog();
  }
}

/** Whether a plugin does not run because of its flags. */
export function isRefusal(error: unknown): boolean {
  return error instanceof DevicePluginError && error.code === 'FLAG_INVALID';
}

/** Of the log, only warnings: what a start tells is not what was asked. */
function quietFlags(args: readonly string[]): readonly string[] {
  const isLoud = args.some((arg) => /^--?v(=|$)/.test(arg));
  return isLoud ? [] : ['-legacy_stderr_threshold_behavior=false', '-stderrthreshold=1'];
}
