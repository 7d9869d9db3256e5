// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeKubelet } from '@kube-device-plugins/testkit';
import { Board } from './board.ts';
import { followKubelet } from './follow-kubelet.ts';
import { FollowPlugin } from './follow-plugin.ts';
import { DeviceSlot } from './device-slot.ts';
import type { DeviceKind } from './host-devices.ts';
import { pluginArguments, pluginConfig, simulatedResource } from './plugin-config.ts';
import { parsePluginLog, pluginLogText, type PluginLogRecord } from './plugin-log.ts';
import { startPlugin, type PluginEnd, type PluginProcess } from './plugin-process.ts';
import type { PluginProgram } from './plugin-program.ts';
import { StartError } from './start-error.ts';

/** What to run. */
export interface SessionSettings {
  readonly plugin: Pick<PluginProgram, 'name' | 'file'>;
  /** Flags for the plugin, behind those that every plugin gets. */
  readonly pluginArguments?: readonly string[];
  /** What the simple plugin is to publish beside simulated devices; undefined for a plugin that knows by itself. */
  readonly kinds: readonly DeviceKind[] | undefined;
  /** Directory of the host's kubelet; undefined to embed one. */
  readonly hostKubeletDirectory: string | undefined;
  /** Whether a person will want to plug in a device. */
  readonly wantsSlot: boolean;
}

/** A plugin that runs, and a kubelet that it registers with. */
export interface Session {
  readonly board: Board;
  readonly pluginName: string;
  readonly pluginPid: number;
  readonly kubeletDirectory: string;
  /** The embedded kubelet; undefined when it is the host's. */
  readonly kubelet: FakeKubelet | undefined;
  /** Where a person can plug in a device; undefined when nobody wants to, or the host has no place for it. */
  readonly slot: DeviceSlot | undefined;
  /** All resources that the plugin was told to publish, those of the host first; none for a plugin that knows by itself. */
  readonly resources: readonly string[];
  readonly startedMs: number;
}

/**
 * Runs plugin and kubelet for as long as `use` takes; whatever happens, process, sockets and files are gone when this settles.
 * `use` gets a signal that aborts with `signal`, and when the plugin ends, of which it then need not speak.
 *
 * @throws StartError when the plugin cannot be started or ends by itself, with the last lines of its log; rejects with what `use` rejects with.
 */
export async function runSession<T>(
  settings: SessionSettings,
  use: (session: Session, signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.adopt(await mkdtemp(join(tmpdir(), 'kdp-')), removeDirectory);
  const board = new Board(() => performance.now());
  const startedMs = performance.now();
  const kubeletDirectory = settings.hostKubeletDirectory ?? join(directory, 'device-plugins');
  const kubelet =
    settings.hostKubeletDirectory === undefined ? stack.use(await embeddedKubelet(kubeletDirectory, board)) : undefined;
  const slot = settings.wantsSlot ? stack.use(await DeviceSlot.create()) : undefined;
  const kinds = kindsOf(settings, slot);
  const follower = stack.use(new FollowPlugin(kubeletDirectory, board));
  const onLog = kubelet === undefined ? (record: PluginLogRecord) => follower.logged(record) : () => undefined;
  const plugin = stack.adopt(
    await pluginIn(directory, { ...settings, kinds, kubeletDirectory }, noteTrouble(board, onLog)),
    stopPlugin,
  );

  const resources = kinds === undefined ? [] : [...kinds.map(({ resource }) => resource), simulatedResource];
  const names = { pluginName: settings.plugin.name, pluginPid: plugin.pid };
  const session = { board, ...names, kubeletDirectory, kubelet, slot, resources, startedMs };
  return await whileAlive(plugin, (alive) => use(session, alive), signal);
}

const slotResource = 'host.example.com/plug';

/** Between SIGTERM and SIGKILL; a plugin gives its calls under way as much. */
const graceMs = 5_000;

function kindsOf({ kinds }: SessionSettings, slot: DeviceSlot | undefined): readonly DeviceKind[] | undefined {
  return slot === undefined ? kinds : [...(kinds ?? []), { resource: slotResource, pattern: slot.pattern }];
}

function removeDirectory(directory: string): Promise<void> {
  return rm(directory, { recursive: true, force: true });
}

function stopPlugin(plugin: PluginProcess): Promise<void> {
  return plugin.stop(graceMs);
}

async function embeddedKubelet(dir: string, board: Board): Promise<FakeKubelet> {
  const kubelet = new FakeKubelet({ dir });
  followKubelet(kubelet, board);
  await kubelet.start();
  return kubelet;
}

async function pluginIn(
  directory: string,
  { plugin, pluginArguments: given = [], kinds, kubeletDirectory }: SessionSettings & Pick<Session, 'kubeletDirectory'>,
  onLine: (line: string) => void,
): Promise<PluginProcess> {
  const cdiDirectory = join(directory, 'cdi');
  const configFile = kinds === undefined ? undefined : join(directory, 'config.yaml');
  await mkdir(cdiDirectory);
  if (configFile !== undefined) await writeFile(configFile, pluginConfig(kinds ?? []));
  return startPlugin(plugin.file, pluginArguments({ kubeletDirectory, cdiDirectory, configFile }, given), onLine);
}

function noteTrouble(board: Board, onLog: (record: PluginLogRecord) => void): (line: string) => void {
  return (line) => {
    const record = parsePluginLog(line);
    if (record.level === 'warn' || record.level === 'error') board.warn(pluginLogText(record));
    onLog(record);
  };
}

async function whileAlive<T>(
  plugin: PluginProcess,
  use: (alive: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const ended = new AbortController();
  let end: PluginEnd | undefined;
  void plugin.ended.then((how) => {
    end = how;
    ended.abort(pluginEndError(how));
  });
  const result = await use(AbortSignal.any([signal, ended.signal]));
  if (end !== undefined && !signal.aborted) throw pluginEndError(end);
  return result;
}

function pluginEndError({ how, lastLines }: PluginEnd): StartError {
  const said = lastLines.map((line) => `\n  ${pluginLogText(parsePluginLog(line))}`).join('');
  return new StartError(`the plugin ${how}${said === '' ? ' and said nothing' : `; the last it said:${said}`}`);
}
