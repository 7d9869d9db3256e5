// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, formatBdf, messageOf, parseBdf } from '@kube-device-plugins/core';
import { parseIni, topSection, type IniFile } from '../../sysfs/ini-file.ts';
import { nearKey } from './near-key.ts';

/** A value with the place it was read from. */
export interface Setting<T> {
  readonly value: T;
  /** `qat.conf: [0000:6b:00.0] NumVFs`. */
  readonly where: string;
  /** Whether it is meant for all PFs of the node, which may be of different generations, or for one by its address. */
  readonly scope: 'node' | 'pf';
}

/** What the administrator wants of a physical function (PF). What is undefined stays as it is, whatever is wished with less weight. */
export interface Wishes {
  /** For `qat/cfg_services`: `sym;asym`. */
  readonly services?: Setting<string> | undefined;
  /** How many virtual functions are bound to vfio-pci. */
  readonly numVfs?: Setting<number> | undefined;
  readonly autoReset?: Setting<'on' | 'off'> | undefined;
}

/** The configuration of a node. */
export interface Configuration {
  readonly node: Wishes;
  /** By the addresses of PFs; goes before what is wished for the node. */
  readonly pfs: ReadonlyMap<string, Wishes>;
  /** What was passed over. */
  readonly warnings: readonly string[];
}

/** A file of the ConfigMap. */
export interface ConfigFile {
  readonly name: string;
  readonly text: string;
}

/**
 * Reads the files of a ConfigMap, of which a later one goes before an earlier one, key by key: `key=value` for all PFs, and below
 * `[0000:6b:00.0]` for one. An empty value takes back what is wished with less weight. A key that is not known is passed over with a
 * warning, as upstream's script did without, unless it must be a known one that is misspelt; so is the first of two lines with the same key.
 *
 * @throws DevicePluginError `CONFIG_INVALID` that names file, section, key and value.
 * Upstream: demo/qat-init.sh (ServicesEnabled) and demo/qat-autoreset.sh (AutoresetEnabled).
 */
export function parseConfiguration(files: readonly ConfigFile[]): Configuration {
  const warnings: string[] = [];
  const pfs = new Map<string, Wishes>();
  let node: Wishes = {};
  for (const file of files) {
    for (const [section, keys] of readIni(file, warnings)) {
      if (section === topSection) node = { ...node, ...readWishes(`${file.name}:`, 'node', keys, warnings) };
      else {
        const name = `${file.name}: [${section}]`;
        const bdf = sectionBdf(name, section);
        pfs.set(bdf, { ...pfs.get(bdf), ...readWishes(name, 'pf', keys, warnings) });
      }
    }
  }
  return { node, pfs, warnings };
}

/** What is wished for one PF. */
export function wishesFor({ node, pfs }: Configuration, bdf: string): Wishes {
  return { ...node, ...pfs.get(bdf) };
}

function readIni({ name, text }: ConfigFile, warnings: string[]): IniFile {
  try {
    return parseIni(text, (_, key, [earlier, later]) => {
      warnings.push(`${name}: line ${earlier}: ${key} comes again in line ${later}, which counts`);
    });
  } catch (cause) {
    throw new DevicePluginError('CONFIG_INVALID', `${name}: ${messageOf(cause)}`, { cause });
  }
}

function sectionBdf(name: string, section: string): string {
  const bdf = parseBdf(section);
  if (bdf !== undefined) return formatBdf(bdf);
  throw new DevicePluginError('CONFIG_INVALID', `${name} is not a PCI address such as [0000:6b:00.0]`);
}

function readWishes(
  name: string,
  scope: Place['scope'],
  keys: ReadonlyMap<string, string>,
  warnings: string[],
): Wishes {
  let wishes: Wishes = {};
  for (const [key, value] of keys) {
    const where = `${name} ${key}`;
    const read = readers.get(key);
    if (read === undefined) warnings.push(unknownKey(where, key));
    else wishes = { ...wishes, ...read(value === '' ? undefined : value, { where, scope }) };
  }
  return wishes;
}

/** Upstream's script knew `ServicesEnabled` and `AutoresetEnabled` and passed over all else. */
function unknownKey(where: string, key: string): string {
  const known = [...readers.keys()];
  const meant = nearKey(key, known);
  if (meant === undefined) return `${where} is not known; the keys are ${known.join(', ')}`;
  throw new DevicePluginError('CONFIG_INVALID', `${where} is not known: ${meant} must be meant`);
}

type Place = Omit<Setting<unknown>, 'value'>;

type Reader = (text: string | undefined, place: Place) => Wishes;

const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['ServicesEnabled', (text, place) => ({ services: setting(text, place, serviceList) })],
  ['NumVFs', (text, place) => ({ numVfs: setting(text, place, vfCount) })],
  ['AutoresetEnabled', (text, place) => ({ autoReset: setting(text, place, onOrOff) })],
]);

function setting<T>(
  text: string | undefined,
  place: Place,
  read: (text: string, place: Place) => T,
): Setting<T> | undefined {
  return text === undefined ? undefined : { ...place, value: read(text, place) };
}

function serviceList(text: string): string {
  return text.split(/\s*;\s*/).join(';');
}

/** 16 bits. Source: PCI Express Base Specification, SR-IOV capability, NumVFs. */
function vfCount(text: string, { where }: Place): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 0xffff) return Number(text);
  throw invalid(where, text, 'a whole number from 0 to sriov_totalvfs of the device');
}

function onOrOff(text: string, { where }: Place): 'on' | 'off' {
  if (text === 'on' || text === 'off') return text;
  throw invalid(where, text, 'on or off');
}

function invalid(where: string, text: string, wanted: string): DevicePluginError {
  return new DevicePluginError(
    'CONFIG_INVALID',
    `${where} is ${JSON.stringify(text.slice(0, 80))} and has to be ${wanted}`,
  );
}
