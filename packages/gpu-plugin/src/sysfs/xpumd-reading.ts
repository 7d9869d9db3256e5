// SPDX-License-Identifier: Apache-2.0
import { isBdf } from '@kube-device-plugins/core';
import { type DeviceHealth, DeviceHealthResponse, Severity } from './health-api/deviceinfo.ts';
import type { HealthReading } from './health-source.ts';

/** A bad one also tells what is bad without xpumd's own words, which may be others with each measurement. */
export type XpumdReading = HealthReading & { readonly summary?: string };

/**
 * The readings in a message of xpumd, by PCI address. Cards without an address are left out.
 *
 * @throws Error for what is no such message.
 */
export function parseXpumdMessage(message: Uint8Array): ReadonlyMap<string, XpumdReading> {
  const { devices } = DeviceHealthResponse.decode(message);
  return new Map(
    devices.flatMap((device) => {
      const bdf = device.info?.pci?.bdf.toLowerCase() ?? '';
      return isBdf(bdf) ? [[bdf, readingOf(device)]] : [];
    }),
  );
}

/**
 * What is told, in the words of before for a card with which nothing else is the matter than before: else a temperature in them
 * would be news with each message.
 */
export function withKnownWords(
  told: ReadonlyMap<string, XpumdReading>,
  before: ReadonlyMap<string, XpumdReading>,
): ReadonlyMap<string, XpumdReading> {
  return new Map(
    [...told].map(([bdf, reading]) => {
      const known = before.get(bdf);
      return [bdf, known?.summary !== undefined && known.summary === reading.summary ? known : reading];
    }),
  );
}

/** A warning is bad already, as upstream. */
function readingOf({ health }: DeviceHealth): XpumdReading {
  const bad = health.filter(({ severity }) => severity >= Severity.SEVERITY_WARNING);
  if (bad.length === 0) return { state: 'good' };
  const parts = bad
    .slice(0, maxParts)
    .map(({ name, severity, reason }) => ({
      what: `${oneLine(name, maxNameLength)} ${wordOf(severity)}`,
      words: oneLine(reason, maxWordsLength),
    }))
    .sort((a, b) => (a.what < b.what ? -1 : 1));
  const reasons = parts.map(({ what, words }) => (words === '' ? what : `${what} (${words})`));
  return {
    state: 'bad',
    reason: `xpumd reports ${reasons.join(', ')}`,
    summary: parts.map(({ what }) => what).join(', '),
  };
}

const maxParts = 10;
const maxNameLength = 60;
const maxWordsLength = 80;

/** Without line breaks and whatever else is not to be seen. */
function oneLine(text: string, maxLength: number): string {
  const shown = text.slice(0, 4 * maxLength).replaceAll(/[\s\p{C}]+/gu, ' ');
  return shown.trim().slice(0, maxLength).toWellFormed();
}

function wordOf(severity: number): string {
  return ['', '', 'WARNING', 'CRITICAL', 'FAILED'][severity] ?? `severity ${severity}`;
}
