// SPDX-License-Identifier: Apache-2.0
import { log, messageOf, type Host } from '@kube-device-plugins/core';
import { parseUint64, type LabelSettings } from './label-settings.ts';
import type { LabeledGpu, MemorySource } from './labeled-gpu.ts';

/** GPUs to label, and those left out. */
export interface FoundGpus {
  /** In the order of the text of their names, `card10` before `card2`: schedulers compare labels made so. */
  readonly gpus: readonly LabeledGpu[];
  /** Card → why it has no labels. */
  readonly leftOut: ReadonlyMap<string, string>;
}

/**
 * Reads what labels tell of Intel's GPUs. A physical function with virtual functions is none, as nobody can have it.
 *
 * @param memory asked first for the amount of memory; one that fails, or has not answered when `signal` aborts, knows nothing.
 * @throws DevicePluginError `HOST_UNREADABLE` when the cards cannot be listed.
 * Kernel ABI: Documentation/ABI/testing/sysfs-bus-pci, sysfs-driver-intel-i915-hwmon; drivers/gpu/drm/i915, lmem_total_bytes, gt/gt*.
 */
export async function readLabeledGpus(
  host: Host,
  settings: LabelSettings,
  memory: MemorySource | undefined,
  signal: AbortSignal,
): Promise<FoundGpus> {
  const gpus: LabeledGpu[] = [];
  const leftOut = new Map<string, string>();
  for (const name of await host.list(drmDirectory)) {
    try {
      if (!/^card\d+$/.test(name) || !(await isLabeled(host, name))) continue;
      gpus.push(await readGpu(host, name, settings, memory, signal));
    } catch (error) {
      leftOut.set(name, messageOf(error));
    }
  }
  return { gpus, leftOut };
}

const drmDirectory = '/sys/class/drm';

async function isLabeled(host: Host, name: string): Promise<boolean> {
  const device = `${drmDirectory}/${name}/device`;
  if ((await host.readText(`${device}/vendor`)) !== '0x8086') return false;
  const virtualFunctions = (await host.readText(`${device}/sriov_numvfs`)) ?? '0';
  return virtualFunctions === '0' && (await host.exists(`${device}/drm`));
}

async function readGpu(
  host: Host,
  name: string,
  settings: LabelSettings,
  memory: MemorySource | undefined,
  signal: AbortSignal,
): Promise<LabeledGpu> {
  const card = `${drmDirectory}/${name}`;
  const tiles = await countTiles(host, card);
  const amount = (await askMemory(host, card, memory, signal)) ?? (await readMemory(host, card, tiles, settings));
  const numaNode = parseNumaNode(await readOptional(host, `${card}/device/numa_node`));
  return {
    name,
    tiles,
    ...(amount >= 0n && amount < maxMemoryBytes && { memoryBytes: amount }),
    ...(numaNode !== undefined && { numaNode }),
    pciPath: pciPathOf(await host.realPath(card)),
  };
}

/** Upstream leaves out what does not fit in a signed number of 64 bits. */
const maxMemoryBytes = 2n ** 63n - 1n;

/** i915 has a directory for each tile below the card, xe one below the device. */
async function countTiles(host: Host, card: string): Promise<number> {
  const i915 = (await host.list(`${card}/gt`)).filter((entry) => entry.startsWith('gt'));
  const xe = (await host.list(`${card}/device`)).filter((entry) => /^tile.$/.test(entry));
  return Math.max(1, i915.length + xe.length);
}

async function askMemory(
  host: Host,
  card: string,
  memory: MemorySource | undefined,
  signal: AbortSignal,
): Promise<bigint | undefined> {
  const bdf = memory && (await host.linkName(`${card}/device`));
  if (memory === undefined || bdf === undefined) return undefined;
  try {
    const bytes = BigInt((await memory.memoryBytes(bdf, signal)) ?? 0);
    return bytes > 0n ? bytes : undefined;
  } catch (error) {
    log.v(2).info('no amount of memory from the service', { card, error });
    return undefined;
  }
}

/** lmem_total_bytes is the memory of one tile. */
async function readMemory(host: Host, card: string, tiles: number, settings: LabelSettings): Promise<bigint> {
  const tileBytes = parseUint64((await readOptional(host, `${card}/lmem_total_bytes`)) ?? '');
  if (tileBytes === undefined) return settings.memoryOverrideBytes;
  return tileBytes * BigInt(tiles) - settings.memoryReservedBytes;
}

/** An attribute without which the card has its other labels. */
async function readOptional(host: Host, path: string): Promise<string | undefined> {
  try {
    return await host.readText(path);
  } catch (error) {
    log.v(2).info('attribute left out of the labels', { path, error });
    return undefined;
  }
}

/** Upstream takes no node above a signed number of 16 bits for one. */
function parseNumaNode(text = ''): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= 32_767 ? Number(text) : undefined;
}

function pciPathOf(path = ''): readonly string[] {
  const parts = path.split('/');
  const start = parts.findIndex((part) => part.startsWith('pci'));
  return start === -1 ? [] : parts.slice(start);
}
