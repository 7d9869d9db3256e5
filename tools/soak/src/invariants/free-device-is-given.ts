// SPDX-License-Identifier: Apache-2.0
import { type Invariant, onMoment } from './invariant.ts';

/** @param limitMs - as for what the kubelet shows. */
export function freeDeviceIsGiven(limitMs: number): Invariant {
  return {
    name: 'free-device-is-given',
    promise: `within ${limitMs / 1_000} s of quiet a pod gets a device that is free`,
    check: onMoment('pod-tried', ({ refusal }) =>
      refusal === undefined ? 'kept' : { expected: 'the pod is admitted', seen: refusal },
    ),
  };
}
