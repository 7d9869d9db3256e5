// SPDX-License-Identifier: Apache-2.0
import { genericDeviceSchema, genericDomain } from './generic-devices.ts';
import { countSchema, hostResourceSchema } from './host-resource.ts';
import { mountPathSchema, pathSchema, permissionsSchema } from './path-rule.ts';
import { optional, type Schema } from './schema.ts';
import { scriptSchema, targetsSchema } from './script.ts';
import { simulatedResourceSchema } from './simulated-resource.ts';
import { usbMatchSchema } from './usb-rule.ts';

const genericDevicesSchema: Schema = {
  type: 'array',
  minItems: 1,
  maxItems: 1_000,
  items: genericDeviceSchema,
  description: 'devices of the host in the format of generic-device-plugin',
};

const unused: Schema = optional({
  type: ['string', 'boolean'],
  format: 'text',
  description: 'a flag of generic-device-plugin, which has no effect here',
});

/** A file with lists of resources. */
export const resourceListsSchema: Schema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    resources: {
      type: 'array',
      minItems: 1,
      maxItems: 1_000,
      items: hostResourceSchema,
      description: 'devices of the host',
    },
    simulated: {
      type: 'array',
      minItems: 1,
      maxItems: 1_000,
      items: simulatedResourceSchema,
      description: 'devices that do not exist',
    },
    devices: genericDevicesSchema,
    device: genericDevicesSchema,
    domain: optional({
      type: 'string',
      format: 'text',
      default: genericDomain,
      description: 'of the names in devices',
    }),
    listen: unused,
    'log-level': unused,
    'plugin-directory': unused,
    version: unused,
  },
  anyOf: ['resources', 'simulated', 'devices', 'device'].map((key) => ({ required: [key] })),
};

/** What stands in a file of -config. config.schema.json says the same in fewer words; a test compares the two. */
export const configSchema: Schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Configuration of simple-plugin',
  anyOf: [resourceListsSchema, { minProperties: 1, anyOf: [simulatedResourceSchema] }],
};

/** The parts of {@link configSchema} that have a name in config.schema.json. */
export const namedSchemas: Readonly<Record<string, Schema>> = {
  hostResource: hostResourceSchema,
  path: pathSchema,
  usbMatch: usbMatchSchema,
  permissions: permissionsSchema,
  mountPath: mountPathSchema,
  count: countSchema,
  genericDevices: genericDevicesSchema,
  simulatedResource: simulatedResourceSchema,
  script: scriptSchema,
  targets: targetsSchema,
};

/** The keys of which a file with lists has at least one. */
export const listKeys = ['resources', 'simulated', 'devices', 'device'];

/** Keys that have a meaning for generic-device-plugin only. */
export const unusedKeys = ['listen', 'log-level', 'plugin-directory', 'version'];
