// SPDX-License-Identifier: Apache-2.0
import type { Check } from './check.ts';
import { inotifyChecks } from './inotify-checks.ts';
import { kubeletSocketCheck, kubeletVersionCheck } from './kubelet-checks.ts';
import { memoryLimitCheck, openFilesCheck } from './limit-checks.ts';
import { cdiDirCheck, cdiRuntimeCheck, clockCheck, sysfsCheck, sysfsReadOnlyCheck } from './node-checks.ts';
import {
  pluginDirAccessCheck,
  pluginDirCheck,
  pluginDirMountCheck,
  pluginDirSpaceCheck,
  socketPathCheck,
} from './plugin-dir-checks.ts';
import {
  capabilitiesCheck,
  noNewPrivilegesCheck,
  readOnlyRootCheck,
  seccompCheck,
  seLinuxCheck,
} from './security-checks.ts';

/** What every plugin needs: what is nearest to the kubelet first. */
export const coreChecks: readonly Check[] = [
  pluginDirCheck,
  pluginDirAccessCheck,
  pluginDirMountCheck,
  pluginDirSpaceCheck,
  socketPathCheck,
  kubeletSocketCheck,
  kubeletVersionCheck,
  seLinuxCheck,
  capabilitiesCheck,
  noNewPrivilegesCheck,
  seccompCheck,
  readOnlyRootCheck,
  sysfsCheck,
  sysfsReadOnlyCheck,
  ...inotifyChecks,
  openFilesCheck,
  memoryLimitCheck,
  cdiDirCheck,
  cdiRuntimeCheck,
  clockCheck,
];
