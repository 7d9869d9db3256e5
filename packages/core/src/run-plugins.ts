// SPDX-License-Identifier: Apache-2.0
import type { FlagDefinitions } from './cli/flag-definition.ts';
import { hostedFlags } from './cli/hosted-flags.ts';
import { parsePluginFlags, type PluginFlags } from './cli/plugin-flags.ts';
import { usageOfFlags } from './cli/usage.ts';
import { DevicePluginError, type ErrorCode } from './errors.ts';
import { configureLog, flushLog, log } from './log/log.ts';
import { loadLineFormat } from './log/line-format.ts';
import { keepMemorySmall } from './memory.ts';
import { serveHttp } from './observe/http-server.ts';
import { telemetryOf } from './observe/telemetry.ts';
import type { PluginDefinition } from './plugin-definition.ts';
import { onProcessSignal, stopOnSignals } from './process-signals.ts';
import { reportEnd, reportNode } from './report-end.ts';
import { exitDespiteFileWork } from './scan/file-work.ts';
import { requestRescan } from './scan/rescan.ts';
import { onLastingProblem } from './serve/problem-report.ts';
import { livePlugin, type HostedContext, type HostedPlugin } from './supervise/plugin-life.ts';
import { supervise } from './supervise/plugin-supervisor.ts';
import { warnOfUnknownFlagsFiles } from './supervise/read-flags-file.ts';
import { catchStrayErrors } from './supervise/stray-errors.ts';
import { version } from './version.ts';

/** A program that runs several plugins. */
export interface HostedPlugins {
  /** Name of the program. */
  readonly name: string;
  /** What loads each plugin, by its name for `-plugins`. */
  readonly plugins: Readonly<Record<string, () => Promise<PluginDefinition<FlagDefinitions>>>>;
}

type HostFlags = PluginFlags<ReturnType<typeof hostedFlags>> & { readonly kind: 'run' };

/**
 * Runs several plugins as this process, with one log, one port for metrics and one runtime. It does not return.
 *
 * The common flags are on the command line, those of a plugin in a file of its own. A plugin that ends by itself, or by an error that nobody
 * caught, is started again, and one whose flags are wrong is given up; the others go on. Signals are those of runPlugin().
 * Exit codes: 0 stopped by a signal or help shown, 1 no plugin is left, 2 wrong flags, on the command line or of every plugin.
 */
export async function runPlugins(program: HostedPlugins): Promise<never> {
  exitDespiteFileWork(process);
  const flags = hostedFlags(Object.keys(program.plugins));
  const parsed = parsePluginFlags(program.name, flags, process.argv.slice(2), process.env);
  const code = parsed.kind === 'run' ? await run(program, parsed) : await explain(program, parsed);
  flushLog();
  process.exit(code);
}

async function explain(
  program: HostedPlugins,
  parsed: Exclude<PluginFlags<FlagDefinitions>, { kind: 'run' }>,
): Promise<number> {
  process.stderr.write(parsed.kind === 'help' ? parsed.text : `${parsed.message}\n${parsed.usage}`);
  if (parsed.kind !== 'help') return 2;
  for (const { key, definition } of await load(program, Object.keys(program.plugins)))
    process.stderr.write(`\n${usageOfFlags(`${key} in ${key}.flags`, definition.flags)}`);
  return 0;
}

async function run(program: HostedPlugins, parsed: HostFlags): Promise<number> {
  const { name, plugins } = program;
  const stop = new AbortController();
  stopOnSignals(['SIGTERM', 'SIGINT', 'SIGHUP'], stop);
  onProcessSignal(['SIGUSR1'], requestRescan);
  catchStrayErrors(process, (error) => {
    reportEnd(name, error);
    flushLog();
    process.exit(1);
  });
  try {
    const closeLog = await setUpLog(name, parsed);
    const { common, own } =
      parsed.common.config === '' ? parsed : await openConfig(program, parsed, closeLog, stop.signal);
    for (const unknown of parsed.unknownVariables) log.warn('no flag has this environment variable', { ...unknown });
    void warnOfUnknownFlagsFiles(own['flags-dir'], Object.keys(plugins), common.config);
    if (own.plugins.length === 0)
      throw new DevicePluginError('FLAG_INVALID', `name the plugins to run: ${example(plugins)}`);
    const context = { flagsDir: own['flags-dir'], common, env: process.env };
    const hosted = await load(program, own.plugins);
    for (const { definition } of hosted) definition.prepareProcess?.(process);
    return await runAll(name, hosted, context, stop);
  } catch (error) {
    return reportEnd(name, error);
  }
}

/** Returns what undoes it. */
async function setUpLog(name: string, { klog, common }: Pick<HostFlags, 'klog' | 'common'>): Promise<() => void> {
  return configureLog({ klog, lines: await loadLineFormat(common.loggingFormat), name, pid: process.pid });
}

/** The flags of the process with what its file says, which is followed from now on. */
async function openConfig(
  { name, plugins }: HostedPlugins,
  parsed: HostFlags,
  closeLog: () => void,
  signal: AbortSignal,
): Promise<Pick<HostFlags, 'common' | 'own'>> {
  const { openProcessConfig } = await import('./config/process-config.ts');
  const { processSources } = await import('./config/plugin-config.ts');
  const flags = hostedFlags(Object.keys(plugins));
  const sources = processSources({ name, flags }, process.argv.slice(2), process.env);
  const { settings, follow } = await openProcessConfig(parsed.common.config, sources);
  closeLog();
  await setUpLog(name, { ...parsed, ...settings, klog: settings.klog ?? parsed.klog });
  void follow(signal);
  return settings;
}

function example(plugins: HostedPlugins['plugins']): string {
  return `-plugins=${Object.keys(plugins).join(',')}`;
}

/** Resolves with the exit code. */
async function runAll(
  name: string,
  plugins: readonly HostedPlugin[],
  context: HostedContext,
  stop: AbortController,
): Promise<number> {
  const { metricsBindAddress: address, scanPeriodMs, podResourcesSocket } = context.common;
  const definitions = plugins.map(({ definition }) => definition);
  const telemetries = definitions.map(({ name: plugin }) => telemetryOf(plugin));
  // All plugins may be waiting for their next start, which does not keep a process alive.
  const alive = setInterval(() => undefined, 2 ** 30);
  const reports: Promise<void>[] = [];
  // Once: it is one node for all of them, and plugins that end are started again and again.
  const onTrouble = (): void => {
    if (reports.length === 0) reports.push(reportNode(definitions, context.common));
  };
  onLastingProblem(onTrouble);
  const running = plugins.map((plugin) => runOne(plugin, context, stop, onTrouble));
  // After them, for they hold back what can wait until they have registered.
  keepMemorySmall(telemetries, stop.signal);
  const info = { plugin: name, version };
  const http = address && serveHttp({ address, scanPeriodMs, podResourcesSocket, telemetries, info }, stop.signal);
  const ends = await Promise.all(running);
  stop.abort();
  await Promise.all([http, ...reports]);
  clearInterval(alive);
  return exitCodeOf(ends);
}

async function runOne(
  plugin: HostedPlugin,
  context: HostedContext,
  stop: AbortController,
  onTrouble: () => void,
): Promise<Error | undefined> {
  const live = async (signal: AbortSignal): Promise<void> => {
    try {
      await livePlugin(plugin, context, signal);
    } catch (error) {
      if (!signal.aborted && !isOwn(error, 'FLAG_INVALID')) onTrouble();
      throw error;
    }
  };
  const end = await supervise(plugin.definition.name, live, stop.signal);
  // The directory of all, which only a new container can see again.
  if (isOwn(end, 'PLUGIN_DIR_DELETED')) stop.abort();
  return end;
}

/** @param ends - why plugins were given up; undefined for those that were stopped. */
function exitCodeOf(ends: readonly (Error | undefined)[]): number {
  if (ends.some((end) => isOwn(end, 'PLUGIN_DIR_DELETED'))) return 1;
  if (ends.includes(undefined)) return 0;
  return ends.every((end) => isOwn(end, 'FLAG_INVALID')) ? 2 : 1;
}

function isOwn(error: unknown, code: ErrorCode): boolean {
  return error instanceof DevicePluginError && error.code === code;
}

/** One that cannot be loaded is one that cannot be made. */
async function load({ plugins }: HostedPlugins, keys: readonly string[]): Promise<readonly HostedPlugin[]> {
  return await Promise.all(
    keys.map(async (key) => {
      try {
        const definition = await plugins[key]?.();
        if (definition === undefined) throw new DevicePluginError('PLUGIN_ENDED', `${key} defines no plugin`);
        return { key, definition };
      } catch (error) {
        return { key, definition: brokenPlugin(key, error) };
      }
    }),
  );
}

function brokenPlugin(name: string, error: unknown): PluginDefinition<FlagDefinitions> {
  const create = (): never => {
    throw error;
  };
  return { name, namespace: name, flags: {}, create };
}
