// SPDX-License-Identifier: Apache-2.0
import type { CommonOptions } from './cli/common-flags.ts';
import type { FlagDefinitions } from './cli/flag-definition.ts';
import { parsePluginFlags, type PluginFlags } from './cli/plugin-flags.ts';
import type { ConfiguredPlugin } from './config/configured-plugin.ts';
import type { Settings } from './config/plugin-config.ts';
import { configureLog, flushLog, log } from './log/log.ts';
import { loadLineFormat } from './log/line-format.ts';
import { Manager } from './manage/manager.ts';
import { keepMemorySmall } from './memory.ts';
import { serveHttp } from './observe/http-server.ts';
import { telemetry } from './observe/telemetry.ts';
import type { PluginDefinition } from './plugin-definition.ts';
import { onProcessSignal, stopOnSignals } from './process-signals.ts';
import { reportEnd, reportNode } from './report-end.ts';
import { exitDespiteFileWork } from './scan/file-work.ts';
import { hostOf } from './scan/host-of.ts';
import { requestRescan } from './scan/rescan.ts';
import { aborted } from './serve/abortable.ts';
import { onLastingProblem } from './serve/problem-report.ts';
import { version } from './version.ts';

/**
 * Runs a plugin as this process: flags, log, signals, metrics, exit code. The one function that owns the process; it does not return.
 *
 * SIGTERM, SIGINT and SIGHUP end the plugin in order, a second one at once; SIGUSR1 has the devices looked for now.
 * Exit codes: 0 stopped by a signal or help shown, 1 the plugin cannot run, 2 wrong flags (nothing was registered).
 */
export async function runPlugin<D extends FlagDefinitions>(definition: PluginDefinition<D>): Promise<never> {
  definition.prepareProcess?.(process);
  exitDespiteFileWork(process);
  const parsed = parsePluginFlags(definition.name, definition.flags, process.argv.slice(2), process.env);
  const code = parsed.kind === 'run' ? await run(definition, parsed) : explain(parsed);
  flushLog();
  process.exit(code);
}

function explain(parsed: Exclude<PluginFlags<FlagDefinitions>, { kind: 'run' }>): number {
  process.stderr.write(parsed.kind === 'help' ? parsed.text : `${parsed.message}\n${parsed.usage}`);
  return parsed.kind === 'help' ? 0 : 2;
}

async function run<D extends FlagDefinitions>(
  definition: PluginDefinition<D>,
  parsed: PluginFlags<D> & { kind: 'run' },
): Promise<number> {
  const stop = new AbortController();
  stopOnSignals(['SIGTERM', 'SIGINT', 'SIGHUP'], stop);
  onProcessSignal(['SIGUSR1'], requestRescan);
  let { common } = parsed;
  try {
    const closeLog = await setUpLog(definition.name, parsed);
    const configured = common.config === '' ? undefined : await openConfig(definition, parsed, closeLog);
    const { own } = configured?.settings ?? parsed;
    common = configured?.settings.common ?? common;
    for (const unknown of parsed.unknownVariables) log.warn('no flag has this environment variable', { ...unknown });
    await using lease = await hostOf(common);
    const { host } = lease;
    const created = Promise.try(() =>
      configured === undefined
        ? definition.create({ ...own, ...common }, host, process.env, stop.signal)
        : configured.make(host, stop.signal),
    );
    const plugin = await Promise.race([created, aborted(stop.signal)]);
    if (plugin === undefined) return 0;
    const manager = new Manager(definition.namespace, plugin, common);
    onLastingProblem(() => void reportNode([definition], common));
    const running = manager.run(stop.signal);
    // Second, for the manager holds back what can wait until it has registered.
    keepMemorySmall([telemetry], stop.signal);
    const http = serveMetrics(definition.name, common, stop.signal);
    await running;
    stop.abort();
    await http;
    return 0;
  } catch (error) {
    const code = reportEnd(definition.name, error);
    if (code === 1) await reportNode([definition], common);
    return code;
  }
}

/** Returns what undoes it. */
async function setUpLog(
  name: string,
  { klog, common }: Pick<Settings<FlagDefinitions>, 'klog' | 'common'>,
): Promise<() => void> {
  return configureLog({
    ...(klog && { klog }),
    lines: await loadLineFormat(common.loggingFormat),
    name,
    pid: process.pid,
  });
}

/** Only a plugin with a file spends its start on reading one. What is wrong with it is logged as the command line has it. */
async function openConfig<D extends FlagDefinitions>(
  definition: PluginDefinition<D>,
  { common: { config: path } }: Settings<D>,
  closeLog: () => void,
): Promise<ConfiguredPlugin<D>> {
  const { openConfiguredPlugin } = await import('./config/configured-plugin.ts');
  const { commandLineSources } = await import('./config/plugin-config.ts');
  const sources = commandLineSources(definition, process.argv.slice(2), process.env);
  const configured = await openConfiguredPlugin({ path, definition, sources, env: process.env });
  closeLog();
  await setUpLog(definition.name, configured.settings);
  return configured;
}

async function serveMetrics(
  plugin: string,
  { metricsBindAddress: address, scanPeriodMs, podResourcesSocket }: CommonOptions,
  signal: AbortSignal,
): Promise<void> {
  if (address === undefined) return;
  const options = { address, scanPeriodMs, podResourcesSocket, telemetries: [telemetry], info: { plugin, version } };
  await serveHttp(options, signal);
}
