// SPDX-License-Identifier: Apache-2.0
import type { FileDescriptor } from './descriptor.ts';
import { UpdateError } from './update-error.ts';

/** Without these there is no device plugin, whatever the release. */
const indispensable = {
  Registration: ['Register'],
  DevicePlugin: ['GetDevicePluginOptions', 'ListAndWatch', 'Allocate'],
} as const;

/**
 * Refuses what is no contract of device plugins.
 *
 * @throws {UpdateError} with what is missing
 */
export function checkContract({ package: name = '', syntax, service = [] }: FileDescriptor, path: string): void {
  const refuse = (reason: string): never => {
    throw new UpdateError(`${path} is no v1beta1 contract of device plugins: ${reason}`);
  };
  if (syntax !== 'proto3') refuse('its syntax is not proto3');
  if (name !== 'v1beta1') refuse(`its package is '${name}'`);
  for (const [wanted, rpcs] of Object.entries(indispensable)) {
    const { method = [] } = service.find((one) => one.name === wanted) ?? refuse(`it has no service ${wanted}`);
    const missing = rpcs.filter((rpc) => !method.some((one) => one.name === rpc));
    if (missing.length > 0) refuse(`its service ${wanted} has no ${missing.join(', ')}`);
  }
}
