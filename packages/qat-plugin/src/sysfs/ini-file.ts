// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '@kube-device-plugins/core';

/** Section → key → value. Keys before the first section belong to the section {@link topSection}. */
export type IniFile = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Name of what stands before the first section. */
export const topSection = '';

/**
 * Reads an INI file: `[section]`, `key = value`, and lines that begin with `#` or `;` are comments.
 *
 * A value goes to the end of its line, for `;` is data in `sym;asym`. A section that comes again goes on; of a key that comes
 * again the last value stays.
 *
 * @param onRepeat - takes each key that comes again, with its section and the numbers of both lines.
 * @throws DevicePluginError `CONFIG_INVALID` with the number of a line that is none of these.
 * Source of the format: the kernel's debugfs file `dev_cfg` of QAT devices, and /etc/<type>_dev<n>.conf of the QAT 1.7 driver.
 */
export function parseIni(text: string, onRepeat?: OnRepeat): IniFile {
  const sections = new Map<string, Map<string, string>>();
  const lines = new Map<string, number>();
  let section = topSection;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    const header = sectionName(line);
    if (header === undefined) {
      const [key, value] = keyAndValue(line, index + 1);
      const name = JSON.stringify([section, key]);
      const earlier = lines.get(name);
      if (earlier !== undefined) onRepeat?.(section, key, [earlier, index + 1]);
      lines.set(name, index + 1);
      sectionOf(sections, section).set(key, value);
    } else sectionOf(sections, (section = header));
  }
  return sections;
}

type OnRepeat = (section: string, key: string, lines: readonly [number, number]) => void;

function sectionName(line: string): string | undefined {
  return line.startsWith('[') && line.endsWith(']') ? line.slice(1, -1).trim() : undefined;
}

function sectionOf(sections: Map<string, Map<string, string>>, name: string): Map<string, string> {
  let section = sections.get(name);
  if (section === undefined) sections.set(name, (section = new Map<string, string>()));
  return section;
}

function keyAndValue(line: string, lineNumber: number): [string, string] {
  const equals = line.indexOf('=');
  if (equals < 1) {
    const shown = JSON.stringify(line.slice(0, longestShown));
    throw new DevicePluginError(
      'CONFIG_INVALID',
      `line ${lineNumber}: ${shown} is neither [section], key=value nor a comment`,
    );
  }
  return [line.slice(0, equals).trimEnd(), line.slice(equals + 1).trimStart()];
}

/** Characters of a wrong line that a message repeats. */
const longestShown = 80;
