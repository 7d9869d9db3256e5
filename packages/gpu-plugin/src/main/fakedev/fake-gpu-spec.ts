// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, messageOf } from '@kube-device-plugins/core';

/** GPUs to fake, in the words of the JSON file, which are upstream's; the last two are not. */
export interface FakeGpuSpec {
  readonly Info: string;
  /** 1 to 128. */
  readonly DevCount: number;
  readonly TilesPerDev: number;
  /** Memory of one tile in bytes, whole MiB. */
  readonly DevMemSize: number;
  /** How many share a NUMA node; 0: all are on node 0. */
  readonly DevsPerNode: number;
  /** Virtual functions behind each physical function; both count as devices. */
  readonly VfsPerPf: number;
  /** Lines of i915_capabilities. `connections` and `connection-topology` say which tiles are linked. */
  readonly Capabilities: Readonly<Record<string, string>>;
  readonly Driver: string;
  /** PCI device id. */
  readonly DeviceId: string;
}

const defaults: FakeGpuSpec = {
  Info: '',
  DevCount: 0,
  TilesPerDev: 0,
  DevMemSize: 0,
  DevsPerNode: 0,
  VfsPerPf: 0,
  Capabilities: {},
  Driver: 'i915',
  DeviceId: '0x4905',
};

/** In files of upstream's own tests: where they write to, which is always below the working directory here. */
const ignoredKeys = ['Path', 'NfdDir'];

/**
 * Reads the file of -json. A key that is left out is 0 or nothing.
 *
 * @throws DevicePluginError `CONFIG_INVALID` with one line for each problem.
 * Upstream: cmd/gpu_fakedev, its keys and what it refuses of them.
 */
export function parseFakeGpuSpec(text: string): FakeGpuSpec {
  const value = parseObject(text);
  const problems = [...keyProblems(value)];
  const spec: FakeGpuSpec = { ...defaults, ...value };
  // Sums of what is no number would only confuse.
  if (problems.length === 0) problems.push(...specProblems(spec));
  if (problems.length > 0)
    throw new DevicePluginError('CONFIG_INVALID', `the spec is wrong:\n  ${problems.join('\n  ')}`);
  return spec;
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new DevicePluginError('CONFIG_INVALID', `the spec is no JSON: ${messageOf(cause)}`, { cause });
  }
  if (!isObject(value)) throw new DevicePluginError('CONFIG_INVALID', 'the spec has to be a JSON object');
  return value;
}

function* keyProblems(value: Readonly<Record<string, unknown>>): Iterable<string> {
  for (const [key, given] of Object.entries(value)) {
    if (ignoredKeys.includes(key)) continue;
    if (!Object.hasOwn(defaults, key))
      yield `${key}: there is no such key; there are ${Object.keys(defaults).join(', ')}`;
    else if (key === 'Capabilities') yield* capabilityProblems(given);
    else if (typeof defaults[key as keyof FakeGpuSpec] === 'string') {
      if (typeof given !== 'string') yield `${key}: has to be a text`;
    } else if (!Number.isSafeInteger(given) || Number(given) < 0) yield `${key}: has to be a whole number from 0 on`;
  }
}

function* capabilityProblems(value: unknown): Iterable<string> {
  if (!isObject(value)) {
    yield 'Capabilities: has to be an object';
    return;
  }
  for (const [key, given] of Object.entries(value)) {
    if (typeof given !== 'string' || /[\r\n]/.test(key + given))
      yield `Capabilities.${key}: has to be one line of text`;
  }
}

function* specProblems(spec: FakeGpuSpec): Iterable<string> {
  const { DevCount, TilesPerDev, DevMemSize, DevsPerNode, VfsPerPf, Capabilities, Driver, DeviceId } = spec;
  if (DevCount < 1 || DevCount > maxDevices) yield `DevCount: ${DevCount} is not from 1 to ${maxDevices}`;
  if (TilesPerDev > maxTiles) yield `TilesPerDev: ${TilesPerDev} is more than ${maxTiles}`;
  if (DevMemSize % mebibyte !== 0) yield `DevMemSize: ${DevMemSize} is not a whole number of MiB`;
  if (DevsPerNode > DevCount) yield `DevsPerNode: ${DevsPerNode} is more than DevCount, ${DevCount}`;
  if (VfsPerPf > 0 && (TilesPerDev > 0 || DevsPerNode > 0))
    yield 'VfsPerPf: does not go together with TilesPerDev or DevsPerNode';
  if (DevCount % (VfsPerPf + 1) !== 0)
    yield `VfsPerPf: ${DevCount} devices are no whole number of physical functions with ${VfsPerPf} virtual ones each`;
  if (!/^(i915|xe)$/.test(Driver)) yield `Driver: ${Driver} is neither i915 nor xe`;
  if (!/^0x[\da-f]{4}$/.test(DeviceId)) yield `DeviceId: ${DeviceId} is no PCI id such as 0x56c0`;
  const { connections = '' } = Capabilities;
  if (!/^(\d+\.\d+-\d+\.\d+(_(?=\d)|$))*$/.test(connections))
    yield 'Capabilities.connections: is no list of links such as 0.0-1.0_0.1-1.1';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Minor numbers of render nodes go from 128 to 255. Source: Linux, drivers/gpu/drm/drm_drv.c, drm_minor_alloc(). */
const maxDevices = 128;

/** A directory tile0 to tile9 is what readers look for. */
const maxTiles = 10;

const mebibyte = 1024 * 1024;
