// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '@kube-device-plugins/core';
import { canonicalId } from '../../sysfs/driver-layout.ts';
import { isFpgaId } from '../../device-tree/resource-names.ts';

/** The part of the metadata of a GBS that decides where it may be loaded. */
export interface GbsMetadata {
  /** Region that it fits into. */
  readonly interfaceId: string;
  /** Function that the region has afterwards. */
  readonly afuId: string;
}

/**
 * Reads the JSON in a GBS: one interface id and exactly one accelerator function. What else is in it means nothing here.
 *
 * @throws DevicePluginError `BITSTREAM_INVALID`.
 */
export function parseGbsMetadata(text: string): GbsMetadata {
  const image = field(parseJson(text), 'afu-image');
  const clusters = field(image, 'accelerator-clusters');
  if (!Array.isArray(clusters) || clusters.length !== 1)
    throw invalid('afu-image.accelerator-clusters should have exactly one entry');
  return {
    interfaceId: idOf(image, 'interface-uuid'),
    afuId: idOf(clusters[0], 'accelerator-type-uuid'),
  };
}

/** The length in the header may count zeros behind the JSON: writers align the payload with them. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/\0+$/, ''));
  } catch (cause) {
    throw new DevicePluginError('BITSTREAM_INVALID', 'its metadata is not JSON', { cause });
  }
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name))
    throw invalid(`its metadata has no ${name}`);
  return (value as Readonly<Record<string, unknown>>)[name];
}

/** It becomes part of a path, so nothing but hexadecimal digits is let through. */
function idOf(value: unknown, name: string): string {
  const text = field(value, name);
  const id = typeof text === 'string' ? canonicalId(text) : '';
  if (!isFpgaId(id)) throw invalid(`${name} of its metadata is no id of hexadecimal digits`);
  return id;
}

function invalid(why: string): DevicePluginError {
  return new DevicePluginError('BITSTREAM_INVALID', why);
}
