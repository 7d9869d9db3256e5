// SPDX-License-Identifier: Apache-2.0
import type { ConfigValue } from '@kube-device-plugins/core/config';
import { countSchema, readCount, type DeviceRule, type HostResource } from './host-resource.ts';
import { pathSchema, readPathMember, rejectAllOptional } from './path-rule.ts';
import type { Schema } from './schema.ts';
import { readUsbMatch, usbMatchSchema } from './usb-rule.ts';

/** Upstream: squat/generic-device-plugin, its default of -domain. */
export const genericDomain = 'squat.ai';

/**
 * An item of `devices`, in the format of squat/generic-device-plugin.
 * `usbs` is what MicroShift, which has it built in, calls `usb`.
 */
export const genericDeviceSchema: Schema = {
  type: 'object',
  required: ['name', 'groups'],
  additionalProperties: false,
  properties: {
    name: {
      type: 'string',
      format: 'resource-part',
      pattern: '^[^/]+$',
      description: 'resource name without its domain',
    },
    groups: {
      type: 'array',
      minItems: 1,
      maxItems: 1_000,
      items: {
        anyOf: [
          groupSchema('paths', pathSchema),
          groupSchema('usb', usbMatchSchema),
          groupSchema('usbs', usbMatchSchema),
        ],
      },
    },
  },
};

/** Reads what {@link genericDeviceSchema} has found sound. */
export function readGenericDevice(value: ConfigValue, domain: string): HostResource {
  return { name: genericName(value, domain), devices: value.at('groups').items().map(readGroup) };
}

/** The full name of the resource. */
export function genericName(value: ConfigValue, domain: string): string {
  return `${domain}/${value.at('name').text().trim()}`;
}

function groupSchema(key: string, items: Schema): Schema {
  return {
    type: 'object',
    required: [key],
    additionalProperties: false,
    properties: { [key]: { type: 'array', minItems: 1, maxItems: 64, items }, count: countSchema },
  };
}

/** Its groups are optional, have mknod by default, and of USB devices they have all that match in one device. */
function readGroup(value: ConfigValue): DeviceRule {
  const count = readCount(value.at('count'));
  if (value.has('paths')) {
    rejectAllOptional(value.at('paths'));
    const paths = value
      .at('paths')
      .items()
      .map((path) => readPathMember(path, 'mrw'));
    return { kind: 'path', paths, optional: true, count };
  }
  const usb = value
    .at(value.has('usb') ? 'usb' : 'usbs')
    .items()
    .map(readUsbMatch);
  return { kind: 'usb', usb, isOneDevice: true, nodes: ['usb'], permissions: 'rw', mountPath: '', count };
}
