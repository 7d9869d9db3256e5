// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { CallLog } from './kubelet-call.ts';

describe('CallLog', () => {
  it('forgets the oldest calls first', () => {
    const log = new CallLog(2);
    for (const resource of ['a', 'b', 'c']) log.record({ method: 'ListAndWatch', resource, request: {} });
    expect(log.calls.map(({ resource }) => resource)).toEqual(['b', 'c']);
  });
});
