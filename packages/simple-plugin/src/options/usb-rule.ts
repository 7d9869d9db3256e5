// SPDX-License-Identifier: Apache-2.0
import type { ConfigValue } from '@kube-device-plugins/core/config';
import { mountPathSchema, permissionsSchema } from './path-rule.ts';
import { optional, type Schema } from './schema.ts';

/** Devices by what they say of themselves on the USB. */
export interface UsbRule {
  readonly kind: 'usb';
  /** A device that any of these is true of. */
  readonly usb: readonly UsbMatch[];
  /** All that match are one device together, which generic-device-plugin has it; else each is one. */
  readonly isOneDevice: boolean;
  /** Which nodes a container gets. */
  readonly nodes: readonly NodeClass[];
  readonly permissions: string;
  /** Where the first node is in the container; empty: where it is on the host. */
  readonly mountPath: string;
  readonly count: number;
}

export interface UsbMatch {
  /** Four hexadecimal digits in lower case, as sysfs writes them; so is `product`. */
  readonly vendor: string;
  readonly product: string;
  /** Empty: any. */
  readonly serial: string;
  readonly bus: number | undefined;
}

/** `usb` is the raw device in /dev/bus/usb; the others are the kernel's names of what its drivers make of it (/sys/class). */
export const nodeClasses = ['usb', 'tty', 'hidraw', 'input', 'video4linux', 'sound'] as const;

export type NodeClass = (typeof nodeClasses)[number];

const usbId: Schema = { type: 'string', format: 'usb-id', pattern: '^(0[xX])?[0-9a-fA-F]{1,4}$' };

/** What a USB device has to be. */
export const usbMatchSchema: Schema = {
  type: 'object',
  required: ['vendor', 'product'],
  additionalProperties: false,
  properties: {
    vendor: { ...usbId, description: 'hexadecimal, in quotes: "1a86"' },
    product: { ...usbId, description: 'hexadecimal, in quotes: "7523"' },
    serial: optional({ type: 'string', format: 'text', description: 'serial number; any when left out' }),
    bus: optional({ type: 'integer', minimum: 1, maximum: 999, description: 'number of the bus; any when left out' }),
  },
};

/** An item of `devices` with the key `usb`. */
export function usbDeviceSchema(count: Schema): Schema {
  return {
    type: 'object',
    description: 'each USB device that matches is one device',
    required: ['usb'],
    additionalProperties: false,
    properties: {
      usb: { type: 'array', minItems: 1, maxItems: 64, items: usbMatchSchema },
      nodes: optional({
        type: 'array',
        minItems: 1,
        maxItems: nodeClasses.length,
        items: { type: 'string', enum: nodeClasses },
        default: ['usb'],
        description: 'which nodes a container gets: the raw one, or those that drivers make of the device',
      }),
      permissions: permissionsSchema,
      mountPath: mountPathSchema,
      count,
    },
  };
}

/** Reads what {@link usbDeviceSchema} has found sound. */
export function readUsbRule(value: ConfigValue, count: number): UsbRule {
  const asked = value
    .at('nodes')
    .items()
    .map((item) => item.value);
  return {
    kind: 'usb',
    usb: value.at('usb').items().map(readUsbMatch),
    isOneDevice: false,
    nodes: asked.length === 0 ? ['usb'] : nodeClasses.filter((name) => asked.includes(name)),
    permissions: value.at('permissions').text('rw'),
    mountPath: value.at('mountPath').text().trim(),
    count,
  };
}

/** Reads what {@link usbMatchSchema} has found sound. */
export function readUsbMatch(value: ConfigValue): UsbMatch {
  const bus = value.at('bus').number(0);
  return {
    vendor: normalId(value.at('vendor').text()),
    product: normalId(value.at('product').text()),
    serial: value.at('serial').text(),
    bus: bus === 0 ? undefined : bus,
  };
}

function normalId(id: string): string {
  return id.toLowerCase().replace(/^0x/, '').padStart(4, '0');
}
