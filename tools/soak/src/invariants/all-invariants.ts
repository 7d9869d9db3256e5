// SPDX-License-Identifier: Apache-2.0
import { allocatableIsTruth } from './allocatable-is-truth.ts';
import { endsInOrder } from './ends-in-order.ts';
import { freeDeviceIsGiven } from './free-device-is-given.ts';
import { healthyDevicesOnly } from './healthy-devices-only.ts';
import { idleIsIdle } from './idle-is-idle.ts';
import type { Invariant } from './invariant.ts';
import { leakRules } from './leak-rules.ts';
import { memoryIsBounded } from './memory-is-bounded.ts';
import { noGrowth } from './no-growth.ts';
import { noLogFlood } from './no-log-flood.ts';
import { noSocketLeft } from './no-socket-left.ts';
import { noUnaskedExit } from './no-unasked-exit.ts';
import { noUnhandledError } from './no-unhandled-error.ts';
import { nothingHangs } from './nothing-hangs.ts';
import { onePodPerDevice } from './one-pod-per-device.ts';

/** What a run allows. Times are milliseconds. */
export interface Limits {
  /** From the end of the last fault and the last change until the kubelet shows what there is. */
  readonly quietMs: number;
  /** Any call, and any fault. */
  readonly hangMs: number;
  readonly residentMiB: number;
}

/** The deployments limit their containers to 160 MiB: with a handful of devices a plugin stays well below. */
export const usualLimits: Limits = { quietMs: 5_000, hangMs: 30_000, residentMiB: 120 };

/** New ones, which have seen nothing. @param settleMs - within which the plugin knows of a change on its host. */
export function allInvariants(settleMs: number, { quietMs, hangMs, residentMiB }: Limits): Invariant[] {
  return [
    onePodPerDevice(),
    healthyDevicesOnly(settleMs),
    allocatableIsTruth(quietMs),
    freeDeviceIsGiven(quietMs),
    nothingHangs(hangMs),
    // Before the exit that follows it.
    noUnhandledError(),
    noUnaskedExit(),
    endsInOrder(),
    noLogFlood(),
    noSocketLeft(),
    ...leakRules.map(noGrowth),
    memoryIsBounded(residentMiB),
    idleIsIdle(),
  ];
}
