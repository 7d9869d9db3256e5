// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, type AllocateResponse } from '@kube-device-plugins/core';

/** Name of the variable that tells a process a section of `resource`: `QAT_SECTION_NAME_cy1_dc0_15`. */
export function sectionVariable(resource: string, index: number): string {
  return `${prefix}${resource}_${index}`;
}

/**
 * Counts the sections of each container from 0, as programs look for them; other variables stay.
 *
 * @throws DevicePluginError `CONFIG_INVALID` for a variable that begins like that of a section and is none.
 * Upstream: cmd/qat_plugin/kerneldrv, PostAllocate, v0.32.1, whose containers shared one count.
 */
export function renumberSections(response: AllocateResponse): void {
  for (const container of response.containerResponses) {
    let count = 0;
    const renamed = Object.entries(container.envs).map(([key, value]): [string, string] => {
      if (!key.startsWith(prefix)) return [key, value];
      const [, resource] = sectionKey.exec(key) ?? [];
      if (resource === undefined) throw invalidKey(key);
      return [sectionVariable(resource, count++), value];
    });
    container.envs = Object.fromEntries(renamed);
  }
}

const prefix = 'QAT_SECTION_NAME_';
const sectionKey = /^QAT_SECTION_NAME_([^_]+_[^_]+)_[^_]+$/;

function invalidKey(key: string): DevicePluginError {
  return new DevicePluginError(
    'CONFIG_INVALID',
    `environment variable ${JSON.stringify(key)} is not ${prefix}cy<n>_dc<n>_<n>, so the section it names cannot be counted`,
  );
}
