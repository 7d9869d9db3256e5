// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '../errors.ts';

/**
 * Reads a whole number as Go's flags do: decimal, `0x`, `0o` or `0` and `0b`, underscores between digits.
 *
 * @throws DevicePluginError `FLAG_INVALID`; beyond ±(2^53 - 1), where JavaScript no longer counts by ones, for its range.
 * Source: Go, strconv.ParseInt(text, 0, 64).
 */
export function parseGoInt(text: string): number {
  const match = goInt.exec(text);
  if (match === null) throw parseError();
  const [, sign, digits = ''] = match;
  // Go also takes a leading 0 for octal, which JavaScript no longer does.
  const value = Number(digits.replaceAll('_', '').replace(/^0(?=[0-7])/, '0o'));
  if (!Number.isSafeInteger(value)) throw rangeError();
  return sign === '-' && value !== 0 ? -value : value;
}

/** As {@link parseGoInt}, without signs. Source: Go, strconv.ParseUint(text, 0, 64). */
export function parseGoUint(text: string): number {
  if (/^[+-]/.test(text)) throw parseError();
  return parseGoInt(text);
}

/** Reads a decimal number of 32 bits. @throws DevicePluginError `FLAG_INVALID`. Source: Go, strconv.ParseInt(text, 10, 32). */
export function parseInt32(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw parseError();
  const value = Number(text);
  if (value < -(2 ** 31) || value >= 2 ** 31) throw rangeError();
  return value + 0;
}

/** Go's word for text of the wrong form, and a hint where there is one. */
export function parseError(hint?: string): DevicePluginError {
  return new DevicePluginError('FLAG_INVALID', hint === undefined ? 'parse error' : `parse error: ${hint}`);
}

/** Go's words for a number that is too large or too small. */
function rangeError(): DevicePluginError {
  return new DevicePluginError('FLAG_INVALID', 'value out of range');
}

const goInt = /^([+-]?)(0[xX](?:_?[\da-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0(?:_?[0-7])*|[1-9](?:_?\d)*)$/;
