// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, messageOf } from '@kube-device-plugins/core';
import { parseIni, topSection, type IniFile } from '../ini-file.ts';

/** What a device's configuration gives to the processes of one section. */
export interface SectionConfig {
  /** Crypto instances of a process. */
  readonly cyInstances: number;
  /** Compression instances of a process. */
  readonly dcInstances: number;
  /** How many processes may use the section. */
  readonly processes: number;
  /** Whether a process is served by one device alone (`LimitDevAccess`), not by all of them. */
  readonly isPinned: boolean;
}

/**
 * The sections for user space in a device's configuration, by their names.
 *
 * @param file - named by messages.
 * @throws DevicePluginError `CONFIG_INVALID` that names file, section and key.
 * Source: QAT 1.7 driver, programmer's guide, "Configuration files"; booleans as Go's ini package reads them, which upstream used.
 */
export function parseSections(file: string, text: string): ReadonlyMap<string, SectionConfig> {
  const sections = [...readIni(file, text)].filter(([name]) => !notForProcesses.has(name));
  return new Map(
    sections.map(([name, keys]) => {
      const value = (key: string): Value => ({ where: `${file}: [${name}] ${key}`, text: keys.get(key) });
      const config = {
        cyInstances: count(value('NumberCyInstances')),
        dcInstances: count(value('NumberDcInstances')),
        processes: count(value('NumProcesses')),
        isPinned: keys.has('LimitDevAccess') && boolean(value('LimitDevAccess')),
      };
      return [name, config];
    }),
  );
}

/** Sections of the device itself and of the kernel's own users. */
const notForProcesses = new Set([topSection, 'GENERAL', 'KERNEL', 'KERNEL_QAT']);

interface Value {
  readonly where: string;
  readonly text: string | undefined;
}

function readIni(file: string, text: string): IniFile {
  try {
    return parseIni(text);
  } catch (cause) {
    throw new DevicePluginError('CONFIG_INVALID', `${file}: ${messageOf(cause)}`, { cause });
  }
}

function count({ where, text }: Value): number {
  const word = wordOf(text);
  if (!/^\d{1,4}$/.test(word)) throw invalid(where, text, 'a whole number from 0 to 9999');
  return Number(word);
}

function boolean({ where, text }: Value): boolean {
  const word = wordOf(text).toLowerCase();
  if (yes.has(word)) return true;
  if (no.has(word)) return false;
  throw invalid(where, text, '1 or 0 (also true/false, yes/no, on/off, y/n, t/f)');
}

const yes = new Set(['1', 't', 'true', 'y', 'yes', 'on']);
const no = new Set(['0', 'f', 'false', 'n', 'no', 'off']);

/** The value without a comment behind it: neither numbers nor booleans hold its signs. */
function wordOf(text = ''): string {
  return text.split(/[#;]/, 1).join('').trim();
}

function invalid(where: string, text: string | undefined, wanted: string): DevicePluginError {
  const found = text === undefined ? 'is missing' : `is ${JSON.stringify(text.slice(0, 80))}`;
  return new DevicePluginError('CONFIG_INVALID', `${where} ${found} and has to be ${wanted}`);
}
