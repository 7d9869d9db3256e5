// SPDX-License-Identifier: Apache-2.0
import { log } from '@kube-device-plugins/core';

/** What the environment says of labels, by the names it has upstream. */
export interface LabelSettings {
  /** Memory of each GPU whose amount cannot be found out. */
  readonly memoryOverrideBytes: bigint;
  /** Of each GPU, taken off what the kernel says. */
  readonly memoryReservedBytes: bigint;
  /** 0: no label pci-groups. */
  readonly pciGroupingLevel: number;
}

/** The variables, and what they mean. */
export const labelVariables = {
  GPU_MEMORY_OVERRIDE: 'bytes of memory of each GPU whose amount cannot be found out',
  GPU_MEMORY_RESERVED: "bytes of each GPU's memory to leave out of the label",
  GPU_PCI_GROUPING_LEVEL: 'group GPUs by so many parts of their PCI path, label pci-groups; 0 for no groups',
} as const;

/** Anything but a decimal number is 0, with a warning unless it is empty. Upstream: cmd/internal/labeler/labeler.go, getEnvVarNumber(). */
export function labelSettings(env: Readonly<Record<string, string | undefined>>): LabelSettings {
  const numberIn = (name: keyof typeof labelVariables): bigint => {
    const value = env[name] ?? '';
    const number = parseUint64(value);
    if (number === undefined && value !== '')
      log.warn('variable is no whole number, so it counts as 0', { name, value });
    return number ?? 0n;
  };
  return {
    memoryOverrideBytes: numberIn('GPU_MEMORY_OVERRIDE'),
    memoryReservedBytes: numberIn('GPU_MEMORY_RESERVED'),
    pciGroupingLevel: Number(numberIn('GPU_PCI_GROUPING_LEVEL')),
  };
}

/** A decimal number of up to 64 bits. */
export function parseUint64(text: string): bigint | undefined {
  if (!/^\d{1,20}$/.test(text)) return undefined;
  const value = BigInt(text);
  return value < 2n ** 64n ? value : undefined;
}
