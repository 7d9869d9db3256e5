// SPDX-License-Identifier: Apache-2.0
import { type Invariant, onMoment } from './invariant.ts';

export function freeDeviceIsGiven(): Invariant {
  return {
    name: 'free-device-is-given',
    promise: 'when it is quiet, a pod gets a device that is free',
    check: onMoment('pod-tried', ({ refusal }) =>
      refusal === undefined ? 'kept' : { expected: 'the pod is admitted', seen: refusal },
    ),
  };
}
