// SPDX-License-Identifier: Apache-2.0
import { rejectRepeats, type ConfigValue } from '@kube-device-plugins/core/config';
import { ownPathSchemas, pathSchema, readPathMember, rejectAllOptional, type PathRule } from './path-rule.ts';
import { optional, type Schema } from './schema.ts';
import { readUsbRule, usbDeviceSchema, type UsbRule } from './usb-rule.ts';

/** Devices of the host under one resource name. */
export interface HostResource {
  /** Full name, `example.com/fuse`. */
  readonly name: string;
  readonly devices: readonly DeviceRule[];
}

/** Which devices of the host to publish, and what a container gets of each. */
export type DeviceRule = PathRule | UsbRule;

/** More shares than anybody has pods on a node. */
const maxShares = 10_000;

export const countSchema: Schema = optional({
  type: 'integer',
  minimum: 0,
  maximum: maxShares,
  default: 1,
  description: 'how many containers may have each of these devices at a time; 0 counts as 1',
});

const groupOptionalSchema: Schema = optional({
  type: 'boolean',
  default: false,
  description: 'leave a device out while it cannot be had, instead of listing it as unhealthy',
});

const onePathSchema: Schema = {
  type: 'object',
  description: 'each path that matches is one device',
  required: ['path'],
  additionalProperties: false,
  properties: { ...ownPathSchemas, optional: groupOptionalSchema, count: countSchema },
};

const severalPathsSchema: Schema = {
  type: 'object',
  description: 'several paths that make up one device',
  required: ['paths'],
  additionalProperties: false,
  properties: {
    paths: { type: 'array', minItems: 1, maxItems: 64, items: pathSchema },
    optional: groupOptionalSchema,
    count: countSchema,
  },
};

/** An item of `resources`. */
export const hostResourceSchema: Schema = {
  type: 'object',
  required: ['name', 'devices'],
  additionalProperties: false,
  properties: {
    name: {
      type: 'string',
      format: 'resource-name',
      pattern: '^[^/\\s]+/[^/\\s]+$',
      description: 'full resource name, of any domain',
    },
    devices: {
      type: 'array',
      minItems: 1,
      maxItems: 1_000,
      items: { anyOf: [onePathSchema, severalPathsSchema, usbDeviceSchema(countSchema)] },
    },
  },
};

/** Reads what {@link hostResourceSchema} has found sound. */
export function readHostResource(value: ConfigValue): HostResource {
  const devices = value.at('devices').items();
  rejectRepeats(devices.map((device) => device.at('path')));
  return { name: value.at('name').text(), devices: devices.map(readDeviceRule) };
}

function readDeviceRule(value: ConfigValue): DeviceRule {
  const count = readCount(value.at('count'));
  if (value.has('usb')) return readUsbRule(value, count);
  const isOptional = value.at('optional').flag();
  if (value.has('path')) {
    // What is optional here is the device, and with it its only path.
    return { kind: 'path', paths: [{ ...readPathMember(value, 'rw'), optional: false }], optional: isOptional, count };
  }
  rejectAllOptional(value.at('paths'));
  const paths = value.at('paths').items();
  return { kind: 'path', paths: paths.map((path) => readPathMember(path, 'rw')), optional: isOptional, count };
}

export function readCount(value: ConfigValue): number {
  return Math.max(1, value.number(1));
}
