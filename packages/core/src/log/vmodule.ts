// SPDX-License-Identifier: Apache-2.0
import { matchesGlob } from 'node:path/posix';
import { DevicePluginError } from '../errors.ts';

/** One `pattern=N` of `-vmodule`. */
export interface VmoduleRule {
  /** Name of a source file without directory and ending, or a glob for it. */
  readonly pattern: string;
  readonly level: number;
}

/**
 * Reads `-vmodule`: `pattern=N,...`. Empty elements and rules of level 0 count for nothing.
 *
 * @throws DevicePluginError `FLAG_INVALID`. Upstream: klog v2, moduleSpec.Set().
 */
export function parseVmodule(text: string): readonly VmoduleRule[] {
  const rules = text
    .split(',')
    .filter((element) => element !== '')
    .map(parseRule);
  return rules.filter(({ level }) => level > 0);
}

/** `parseVmodule` backwards. */
export function formatVmodule(rules: readonly VmoduleRule[]): string {
  return rules.map(({ pattern, level }) => `${pattern}=${level}`).join(',');
}

/** Level that the first matching rule gives to a source file, and 0 when none matches. */
export function vmoduleLevel(rules: readonly VmoduleRule[], file: string): number {
  const name = file.slice(file.lastIndexOf('/') + 1).replace(/\.[^.]*$/, '');
  return rules.find(({ pattern }) => matches(name, pattern))?.level ?? 0;
}

function parseRule(element: string): VmoduleRule {
  const [pattern, level, more] = element.split('=');
  if (!pattern || !level || more !== undefined || !/^[+-]?\d{1,10}$/.test(level) || Number(level) > maxInt32) {
    throw new DevicePluginError('FLAG_INVALID', 'syntax error: expect comma-separated list of filename=N');
  }
  if (Number(level) < 0) throw new DevicePluginError('FLAG_INVALID', 'negative value for vmodule level');
  return { pattern, level: Number(level) };
}

const maxInt32 = 2 ** 31 - 1;

function matches(name: string, pattern: string): boolean {
  return /[\\*?[]/.test(pattern) ? matchesGlob(name, pattern) : name === pattern;
}
