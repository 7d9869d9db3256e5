// SPDX-License-Identifier: Apache-2.0
import type { Invariant, Moment, Verdict } from './invariant.ts';

/** @param settleMs - within which the plugin knows of a change. */
export function healthyDevicesOnly(settleMs: number): Invariant {
  return {
    name: 'healthy-devices-only',
    promise: 'no device that is unhealthy or gone is allocated, not even to a kubelet that has not heard of it',
    check: (moment: Moment): Verdict => {
      if (moment.type === 'allocated' && moment.badForMs > settleMs) {
        const seen = `it was given, ${Math.round(moment.badForMs)} ms after it went bad`;
        return { expected: `${moment.device} is refused`, seen };
      }
      if (moment.type === 'bad-device-asked' && moment.isGiven)
        return { expected: `${moment.device}, which is bad, is refused`, seen: 'the plugin gave it' };
      return moment.type === 'allocated' || moment.type === 'bad-device-asked' ? 'kept' : undefined;
    },
  };
}
