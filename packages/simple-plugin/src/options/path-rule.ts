// SPDX-License-Identifier: Apache-2.0
import type { ConfigValue } from '@kube-device-plugins/core/config';
import { deviceDirectory, isBelowDev } from './path-pattern.ts';
import { optional, type Schema } from './schema.ts';

/** Devices by their paths. */
export interface PathRule {
  readonly kind: 'path';
  /** Together they make up one device; of patterns the first matches do, then the second ones and so on. */
  readonly paths: readonly PathMember[];
  /** A device that cannot be had is left out; without this it is listed as Unhealthy. */
  readonly optional: boolean;
  /** How many containers may have one device at a time. */
  readonly count: number;
}

/** One path of a device, and what a container gets of it. */
export interface PathMember {
  /** Its parts may hold wildcards. */
  readonly path: string;
  /** `Device` is a device node below /dev; `Mount` is a file or directory anywhere, which is mounted. */
  readonly type: 'Device' | 'Mount';
  /** Any of `r` (read), `w` (write) and `m` (mknod), as in the devices cgroup. */
  readonly permissions: string;
  readonly readOnly: boolean;
  /** Where it is in the container; empty: where it is on the host. */
  readonly mountPath: string;
  /** How many devices of the rule may have the same match. */
  readonly limit: number;
  /** The device is had without it. */
  readonly optional: boolean;
}

export const mountPathSchema: Schema = optional({
  type: 'string',
  format: 'container-path',
  pattern: '^\\s*($|/)',
  description: 'path in the container; as on the host when left out',
});

export const permissionsSchema: Schema = optional({
  type: 'string',
  format: 'permissions',
  pattern: '^[rwm]{1,3}$',
  default: 'rw',
  description: 'of a device: r (read), w (write), m (mknod)',
});

/** What is said of a path, be it all of a device or a part. */
export const ownPathSchemas: Readonly<Record<string, Schema>> = {
  path: {
    type: 'string',
    format: 'path-pattern',
    pattern: '^\\s*/',
    description: 'path on the host; *, ? and [...] are wildcards within one directory',
  },
  type: optional({
    type: 'string',
    enum: ['Device', 'Mount'],
    default: 'Device',
    description: 'Device: a device node below /dev; Mount: any file or directory, which is mounted',
  }),
  permissions: permissionsSchema,
  readOnly: optional({ type: 'boolean', default: false, description: 'of a Mount' }),
  mountPath: mountPathSchema,
};

/** One of several paths of a device. */
export const pathSchema: Schema = {
  type: 'object',
  required: ['path'],
  additionalProperties: false,
  properties: {
    ...ownPathSchemas,
    limit: optional({
      type: 'integer',
      minimum: 0,
      maximum: 10_000,
      default: 1,
      description: 'how many devices may have the same match of this path; 0 counts as 1',
    }),
    optional: optional({ type: 'boolean', default: false, description: 'the device is had without this path' }),
  },
};

/** Reads what {@link pathSchema} has found sound. What it cannot tell: that device nodes are below /dev. */
export function readPathMember(value: ConfigValue, defaultPermissions: string): PathMember {
  const path = value.at('path').text().trim();
  const type = value.at('type').text() === 'Mount' ? 'Mount' : 'Device';
  if (type === 'Device' && path.startsWith('/') && !isBelowDev(path)) {
    value.at('path').rejectText(`lies outside ${deviceDirectory}; type: Mount is for what is no device node`);
  }
  return {
    path,
    type,
    permissions: value.at('permissions').text(defaultPermissions),
    readOnly: value.at('readOnly').flag(),
    mountPath: value.at('mountPath').text().trim(),
    limit: Math.max(1, value.at('limit').number(1)),
    optional: value.at('optional').flag(),
  };
}

/** A device of which every part may be missing would have nothing to be known by. */
export function rejectAllOptional(paths: ConfigValue): void {
  const items = paths.items();
  if (items.length > 0 && items.every((path) => path.at('optional').flag())) {
    paths.reject('has only optional paths; a device needs one that is not');
  }
}
