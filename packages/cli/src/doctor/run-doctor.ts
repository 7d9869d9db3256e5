// SPDX-License-Identifier: Apache-2.0
import { isAbsolute } from 'node:path';
import { DevicePluginError, Host } from '@kube-device-plugins/core';
import { coreChecks, defaultPodResourcesSocket, examine, type Scene } from '@kube-device-plugins/core/doctor';
import { defaultDevicePluginPath } from '@kube-device-plugins/core/kubelet-api';
import { ExitWith, type CliContext } from '../cli-context.ts';
import type { DoctorOptions } from '../commands/doctor.ts';
import { allPlugins, findPlugin } from '../plugins/find-plugin.ts';
import { findingsTable, type CheckGroup } from './findings-table.ts';

/**
 * Examines the node and prints what was found.
 *
 * @throws ExitWith 1 when there is a problem; DevicePluginError `FLAG_INVALID`
 */
export async function runDoctor(
  plugins: readonly string[],
  options: DoctorOptions,
  { print, signal }: CliContext,
): Promise<void> {
  const chosen = plugins.length === 0 ? await allPlugins() : new Set(await Promise.all(plugins.map(findPlugin)));
  const [only, ...others] = chosen;
  const scene = sceneOf(others.length === 0 ? only?.name : undefined, options);
  await mustBeThere(scene);
  const groups: CheckGroup[] = [{ name: 'any plugin', findings: await examine(coreChecks, scene, patienceMs, signal) }];
  for (const plugin of chosen) {
    const checks = (await plugin.doctor?.()) ?? [];
    groups.push({ name: plugin.name, findings: await examine(checks, scene, patienceMs, signal) });
  }
  signal.throwIfAborted();
  print(
    options.output === 'json' ? `${JSON.stringify({ checks: flat(groups) }, undefined, 2)}\n` : findingsTable(groups),
  );
  if (groups.some(({ findings }) => findings.some(({ state }) => state === 'problem'))) throw new ExitWith(1);
}

function flat(groups: readonly CheckGroup[]): readonly object[] {
  return groups.flatMap(({ name, findings }) => findings.map((finding) => ({ for: name, ...finding })));
}

function sceneOf(plugin: string | undefined, options: DoctorOptions): Scene {
  const { prefix, pid, cdiDir } = options;
  const { devicePluginPath = defaultDevicePluginPath, podResourcesSocket = defaultPodResourcesSocket } = options;
  for (const [flag, path] of Object.entries({
    '--prefix': prefix,
    '--device-plugin-path': devicePluginPath,
    '--cdi-dir': cdiDir,
    '--pod-resources-socket': podResourcesSocket,
  }))
    if (!isAbsolute(path) || path.includes('\0')) throw invalid(`${flag} must be an absolute path: ${path}`);
  if (pid !== undefined && !/^[1-9]\d{0,9}$/.test(pid)) throw invalid(`--pid must be the number of a process: ${pid}`);
  const host = new Host(prefix);
  const process = pid === undefined ? undefined : `/proc/${pid}`;
  const paths = { devicePluginPath, cdiDir, podResourcesSocket };
  return { plugin, host, files: host, process, callTimeoutMs: 2_000, ...paths };
}

/** Of a process that is not there every check would say that it does not know, or that there is no limit. */
async function mustBeThere({ files, process }: Scene): Promise<void> {
  if (process === undefined || (await files.exists(process))) return;
  throw invalid(
    `--pid must be a process that runs: there is no ${files.path(process)}; pgrep -f plugin names those there are`,
  );
}

function invalid(message: string): DevicePluginError {
  return new DevicePluginError('FLAG_INVALID', message);
}

/** For the checks of one group, which run at the same time. */
const patienceMs = 5_000;
