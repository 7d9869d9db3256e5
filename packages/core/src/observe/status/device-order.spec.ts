// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { devices } from '../../../test/devices.ts';
import { inOrder } from './device-order.ts';

describe('inOrder()', () => {
  it('has unhealthy devices first, then ids as people count', () => {
    const ids = inOrder(devices('card10-1', 'card2-10', 'card2-9', 'card1-1', 'card9!', 'card10!')).map(([id]) => id);
    expect(ids).toEqual(['card9', 'card10', 'card1-1', 'card2-9', 'card2-10', 'card10-1']);
  });

  it('orders numbers that no number can hold', () => {
    const ids = [
      'f00000000000000000001',
      'f00000000000000000000',
      '123456789012345678901234567891',
      '123456789012345678901234567890',
    ];
    expect(inOrder(devices(...ids)).map(([id]) => id)).toEqual(ids.toSorted());
  });
});
