// SPDX-License-Identifier: Apache-2.0
import { resourceNameProblem } from '@kube-device-plugins/core';
import { rejectRepeats, type ConfigValue } from './config-value.ts';
import { pathPatternProblem } from './path-pattern.ts';

/** Device nodes of the host under one resource name. */
export interface HostResource {
  /** Full name, `example.com/fuse`. */
  readonly name: string;
  readonly devices: readonly DeviceRule[];
}

/** Which device nodes, and what a container may do with them. */
export interface DeviceRule {
  /** Path below /dev; its parts may hold wildcards. */
  readonly path: string;
  /** Any of `r` (read), `w` (write) and `m` (mknod), as in the devices cgroup. */
  readonly permissions: string;
}

/** Reads an item of `resources`. */
export function readHostResource(value: ConfigValue): HostResource {
  if (!value.isMapping(['name', 'devices'])) return { name: '', devices: [] };
  const devices = value.at('devices').items();
  rejectRepeats(devices.map((device) => device.at('path')));
  return { name: value.at('name').text(resourceNameProblem), devices: devices.map(readDeviceRule) };
}

function readDeviceRule(value: ConfigValue): DeviceRule {
  if (!value.isMapping(['path', 'permissions'])) return { path: '', permissions: '' };
  return {
    path: value.at('path').text(pathPatternProblem),
    permissions: value.at('permissions').text(permissionsProblem, 'rw'),
  };
}

function permissionsProblem(permissions: string): string | undefined {
  const isSound = /^[rwm]{1,3}$/.test(permissions) && new Set(permissions).size === permissions.length;
  return isSound ? undefined : 'has to be one or more of the letters r, w and m, each once';
}
