// SPDX-License-Identifier: Apache-2.0
import { parseError } from './go-number.ts';

/**
 * Reads a duration as Go writes it, `1m30s`, `1.5h`, `500ms` or `0`, and returns milliseconds.
 *
 * @throws DevicePluginError `FLAG_INVALID`. Source: Go, time.ParseDuration().
 */
export function parseGoDuration(text: string): number {
  const [, sign, body = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (body === '0') return 0;
  if (/^\d+$/.test(body)) throw parseError(`the unit is missing, as in ${text}s`);
  if (!/^(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+$/.test(body)) throw parseError();
  let totalMs = 0;
  for (const [, amount, unit = ''] of body.matchAll(/([\d.]+)([^\d.]+)/g))
    totalMs += Number(amount) * (unitMs[unit] ?? NaN);
  if (totalMs > maxDurationMs) throw parseError();
  return sign === '-' && totalMs !== 0 ? -totalMs : totalMs;
}

/** A duration as Go prints it, `1m30s` for 90 000. Source: Go, Duration.String(). */
export function formatGoDuration(durationMs: number): string {
  const sign = durationMs < 0 ? '-' : '';
  const absoluteMs = Math.abs(durationMs);
  if (absoluteMs === 0) return '0s';
  if (absoluteMs < 1) return sign + smallest(absoluteMs);
  if (absoluteMs < 1_000) return `${sign}${decimal(absoluteMs)}ms`;
  const minutes = Math.floor(absoluteMs / 60_000);
  const seconds = `${decimal((absoluteMs - minutes * 60_000) / 1_000)}s`;
  if (minutes === 0) return sign + seconds;
  const hours = Math.floor(minutes / 60);
  return hours === 0 ? `${sign}${minutes}m${seconds}` : `${sign}${hours}h${minutes % 60}m${seconds}`;
}

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  // The sign for micro exists twice in Unicode, U+00B5 and U+03BC; Go takes both.
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

/** Go counts nanoseconds in 63 bits: 292 years. */
const maxDurationMs = 2 ** 63 / 1e6;

function smallest(durationMs: number): string {
  return durationMs < 1e-3 ? `${decimal(durationMs * 1e6)}ns` : `${decimal(durationMs * 1e3)}µs`;
}

/** Go has no digits below a nanosecond. */
function decimal(value: number): string {
  return String(Number(value.toFixed(9)));
}
