// SPDX-License-Identifier: Apache-2.0
import type { FlagDefinitions } from '../cli/flag-definition.ts';
import { setVerbosity } from '../log/log.ts';
import { repeat } from '../scan/rescan.ts';
import { LiveConfig } from './live-config.ts';
import type { FlagSources, Settings } from './plugin-config.ts';
import { WaitingFlags } from './waiting-flags.ts';

/** The flags of a process that has plugins with files of their own. */
export interface ProcessConfig<D extends FlagDefinitions> {
  /** What they come to at the start. */
  readonly settings: Settings<D>;
  /** Follows the file until `signal` aborts: -v and -vmodule count at once, all else from the next start on. Never rejects. */
  readonly follow: (signal: AbortSignal) => Promise<void>;
}

/**
 * Reads the file of such a process.
 *
 * @throws DevicePluginError `CONFIG_INVALID` with all that is wrong with it.
 */
export async function openProcessConfig<D extends FlagDefinitions>(
  path: string,
  { flags, elsewhere, resolve }: FlagSources<D>,
): Promise<ProcessConfig<D>> {
  const { live, config } = await LiveConfig.open(path, { flags, elsewhere, hasDevices: false, check: resolve });
  const settings = resolve(config.values);
  const waiting = new WaitingFlags(settings.values, (name) => ['v', 'vmodule'].includes(name));
  return {
    settings,
    follow: (signal) =>
      repeat({ everyMs: settings.common.scanPeriodMs, watch: [live.directory] }, signal, () =>
        live.refresh(({ values }) => {
          const next = resolve(values);
          if (next.klog !== undefined) setVerbosity(next.klog);
          waiting.tell(next.values);
          return Promise.resolve();
        }),
      ),
  };
}
