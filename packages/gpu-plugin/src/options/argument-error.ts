// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '@kube-device-plugins/core';

/** An error about flags, with the words in front that upstream has there (cmd/gpu_plugin/gpu_plugin.go, main). */
export function argumentError(text: string): DevicePluginError {
  return new DevicePluginError('FLAG_INVALID', `argument error: ${text}`);
}
