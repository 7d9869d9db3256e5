// SPDX-License-Identifier: Apache-2.0

/** A PCI address, written `DDDD:BB:DD.F` and called BDF. */
export interface Bdf {
  readonly domain: number;
  readonly bus: number;
  readonly device: number;
  readonly function: number;
}

/**
 * The parts of a PCI address such as `0000:6b:00.1`, or undefined for anything else.
 * A domain may have more than four digits: Intel VMD starts at 10000 (Linux, drivers/pci/controller/vmd.c).
 * Source of the widths: Linux, include/uapi/linux/pci.h (5 bits of device, 3 of function).
 */
export function parseBdf(text: string): Bdf | undefined {
  const [, domain, bus, device, fn] = /^([\da-f]{4,8}):([\da-f]{2}):([01][\da-f])\.([0-7])$/i.exec(text) ?? [];
  if (domain === undefined || bus === undefined || device === undefined || fn === undefined) return undefined;
  return { domain: hex(domain), bus: hex(bus), device: hex(device), function: hex(fn) };
}

/** Whether the text is a PCI address, as the names in /sys/bus/pci/devices are. */
export function isBdf(text: string): boolean {
  return parseBdf(text) !== undefined;
}

/** The address as the kernel writes it: lower case and with leading zeros (Linux, drivers/pci/probe.c, `pci_setup_device`). */
export function formatBdf(bdf: Bdf): string {
  return `${digits(bdf.domain, 4)}:${digits(bdf.bus, 2)}:${digits(bdf.device, 2)}.${bdf.function}`;
}

/**
 * The number in the sysfs files `vendor`, `device`, `subsystem_*` (16 bits, `0x8086`) and `class` (24 bits, `0x030000`),
 * or undefined for anything else. Kernel ABI: Documentation/ABI/testing/sysfs-bus-pci.
 */
export function parsePciId(text: string): number | undefined {
  return /^0x[\da-fA-F]{1,6}$/.test(text) ? Number(text) : undefined;
}

function hex(text: string): number {
  return Number.parseInt(text, 16);
}

function digits(value: number, width: number): string {
  return value.toString(16).padStart(width, '0');
}
