// SPDX-License-Identifier: Apache-2.0
import { posix } from 'node:path';
import { DevicePluginError } from '@kube-device-plugins/core';
import { canonicalId } from '../../sysfs/driver-layout.ts';
import { isAllOnes } from '../../device-tree/fpga-ids.ts';
import { isFpgaId } from '../../device-tree/resource-names.ts';
import { parseObject } from './bundle.ts';

/** A region that a container wants, and the function that it wants in it. */
export interface RegionWish {
  /** The n of `FPGA_REGION_n` and `FPGA_AFU_n`. */
  readonly number: number;
  readonly interfaceId: string;
  /** Id of a function, or hash of an OpenCL kernel. */
  readonly afuId: string;
}

/** What a container has that a hook needs to know. */
export interface ContainerWishes {
  /** In the order of their numbers. */
  readonly regions: readonly RegionWish[];
  /** File names of its device nodes. */
  readonly deviceNames: readonly string[];
}

/**
 * Reads the config.json of a container: `FPGA_REGION_n` and `FPGA_AFU_n` in its environment, and its devices.
 * Source: OCI runtime-spec, config.md and config-linux.md; the variables are those of upstream's webhook.
 *
 * @throws DevicePluginError `CONFIG_INVALID` when a part is missing, or a variable is no id or has no partner.
 */
export function parseContainerWishes(config: string): ContainerWishes {
  const { process: container, linux } = parseObject(config, 'config.json of the container');
  const environment = listIn(container, 'env', 'process.env');
  const devices = listIn(linux, 'devices', 'linux.devices');
  const regionIds = idsIn(environment, 'FPGA_REGION_');
  const afuIds = idsIn(environment, 'FPGA_AFU_');
  if (regionIds.size === 0) throw noWish('FPGA_REGION_1');
  const regions = [...regionIds].sort(([a], [b]) => a - b);
  const wishes = regions.map(([number, interfaceId]) => {
    const afuId = afuIds.get(number);
    if (afuId === undefined) throw noWish(`FPGA_AFU_${number}`);
    return { number, interfaceId, afuId };
  });
  for (const number of afuIds.keys()) if (!regionIds.has(number)) throw noWish(`FPGA_REGION_${number}`);
  return { regions: wishes, deviceNames: devices.flatMap(deviceName) };
}

function listIn(parent: unknown, name: string, path: string): readonly unknown[] {
  const value = typeof parent === 'object' && parent !== null ? (parent as Record<string, unknown>)[name] : undefined;
  if (!Array.isArray(value) || value.length === 0) throw invalid(`config.json of the container has no ${path}`);
  return value as readonly unknown[];
}

/** Number → id. Ids become parts of paths, so nothing but hexadecimal digits is let through. */
function idsIn(environment: readonly unknown[], prefix: string): ReadonlyMap<number, string> {
  const ids = new Map<number, string>();
  for (const variable of environment) {
    const [, name = '', value = ''] = typeof variable === 'string' ? (/^([^=]*)=(.*)$/s.exec(variable) ?? []) : [];
    if (!name.startsWith(prefix)) continue;
    const number = name.slice(prefix.length);
    const id = canonicalId(value);
    if (!/^\d{1,6}$/.test(number)) throw invalid(`${name} should end in a number`);
    if (!isFpgaId(id))
      throw invalid(`${name} is ${JSON.stringify(value.slice(0, 64))}, which is no id of hexadecimal digits`);
    if (isAllOnes(id)) throw invalid(`${name} is all ones, which is no id: hardware that does not answer reads so`);
    if (ids.has(Number(number))) throw invalid(`${prefix}${Number(number)} is there twice, as ${name} too`);
    ids.set(Number(number), id);
  }
  return ids;
}

function deviceName(device: unknown): readonly string[] {
  const path = typeof device === 'object' && device !== null && 'path' in device ? device.path : undefined;
  return typeof path === 'string' ? [posix.basename(path)] : [];
}

function noWish(variable: string): DevicePluginError {
  const remedy =
    'set FPGA_REGION_n and FPGA_AFU_n in the pod for each region to be programmed, or let the webhook do it';
  return invalid(`the container has no ${variable}: ${remedy}`);
}

function invalid(message: string): DevicePluginError {
  return new DevicePluginError('CONFIG_INVALID', message);
}
