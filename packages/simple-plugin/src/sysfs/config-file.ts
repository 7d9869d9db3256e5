// SPDX-License-Identifier: Apache-2.0
import { readFile, stat } from 'node:fs/promises';
import { DevicePluginError } from '@kube-device-plugins/core';

/** As much as a ConfigMap can hold. Source: kubernetes.io/docs/concepts/configuration/configmap, "cannot exceed 1 MiB". */
export const maxConfigBytes = 1024 * 1024;

/**
 * Reads a configuration file, which lies in the plugin's own container and not below the root of a Host.
 *
 * @throws DevicePluginError `CONFIG_INVALID` when it is missing, no regular file, or larger than {@link maxConfigBytes}.
 */
export async function readConfigFile(file: string): Promise<string> {
  try {
    const stats = await stat(file);
    if (!stats.isFile()) throw invalid(file, 'is not a regular file');
    if (stats.size > maxConfigBytes) throw invalid(file, `has ${stats.size} bytes; at most ${maxConfigBytes} are read`);
    return await readFile(file, 'utf8');
  } catch (error) {
    throw error instanceof DevicePluginError ? error : invalid(file, 'cannot be read', error);
  }
}

function invalid(file: string, reason: string, cause?: unknown): DevicePluginError {
  return new DevicePluginError('CONFIG_INVALID', `${file}: ${reason}`, { cause });
}
