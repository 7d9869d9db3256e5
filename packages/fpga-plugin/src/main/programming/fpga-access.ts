// SPDX-License-Identifier: Apache-2.0
import type { Host } from '@kube-device-plugins/core';
import type { Ioctl } from '../ioctl/ioctl.ts';

/** What it takes to program the FPGAs of a host: sysfs says what they are, ioctls change them. */
export interface FpgaAccess {
  readonly host: Host;
  readonly ioctl: Ioctl;
}
