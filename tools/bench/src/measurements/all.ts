// SPDX-License-Identifier: Apache-2.0
import type { Measurement } from '../bench.ts';
import { allInOne } from './all-in-one.ts';
import { allocate } from './allocate.ts';
import { gpu } from './gpu.ts';
import { growth } from './growth.ts';
import { hotplug } from './hotplug.ts';
import { idle } from './idle.ts';
import { kubeletRestart } from './kubelet-restart.ts';
import { manyDevices } from './many-devices.ts';
import { manyResources } from './many-resources.ts';
import { qat } from './qat.ts';
import { start } from './start.ts';
import { streams } from './streams.ts';
import { throttledStart } from './throttled-start.ts';
import { workingSet } from './working-set.ts';

/** In the order of the table. */
export const measurements: readonly Measurement[] = [
  start,
  throttledStart,
  manyDevices,
  growth,
  streams,
  manyResources,
  allocate,
  idle,
  workingSet,
  hotplug,
  kubeletRestart,
  gpu,
  qat,
  allInOne,
];
