// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '@kube-device-plugins/core';
import { deviceGenerations, type DeviceGeneration } from '../../sysfs/device-generations.ts';

/** Name of the variable, which upstream's operator sets. */
export const enabledPfsVariable = 'ENABLED_QAT_PF_PCIIDS';

/**
 * Which physical functions to set up: PCI device id → its generation.
 *
 * @param text - ids with spaces between them; what upstream's script sets up where there are none.
 * @throws DevicePluginError `FLAG_INVALID` for an id that no QAT device has.
 * Upstream: demo/qat-init.sh, which looked for each id anywhere in the file `device`.
 */
export function enabledPfs(text: string | undefined): ReadonlyMap<string, DeviceGeneration> {
  const given = (text ?? '')
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean);
  const ids = given.length > 0 ? given.map((id) => id.replace(/^0x/, '')) : upstreamIds;
  return new Map(ids.map((id) => [id, generationOf(id)]));
}

const upstreamIds = ['37c8', '4940', '4942', '4944', '4946', '4948'];

function generationOf(id: string): DeviceGeneration {
  const generation = deviceGenerations.find(({ pfIds }) => pfIds.includes(id));
  if (generation !== undefined) return generation;
  const known = deviceGenerations.flatMap(({ pfIds }) => pfIds).join(' ');
  throw new DevicePluginError(
    'FLAG_INVALID',
    `environment variable ${enabledPfsVariable} has ${JSON.stringify(id)}, which is no physical function of QAT: ${known}`,
  );
}
