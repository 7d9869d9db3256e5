// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { SimpleOptions } from '../options.ts';
import { LiveOptions } from './live-options.ts';

const options = (nodeName: string): SimpleOptions => ({
  hostResources: [],
  simulatedResources: [],
  nodeName,
  scanPeriodMs: 1,
});

describe('LiveOptions', () => {
  it('are the first ones for good when nothing can change them', async () => {
    const live = new LiveOptions(options('a'));
    await live.refresh();
    expect(live.current).toEqual(options('a'));
  });

  it('are read again when the configuration is another one', async () => {
    const ownConfig = { current: 'a' };
    const reads: unknown[] = [];
    const read = (own: unknown): Promise<SimpleOptions> => {
      reads.push(own);
      return own === 'wrong' ? Promise.reject(new Error('wrong')) : Promise.resolve(options(String(own)));
    };
    const live = new LiveOptions(options('a'), { ownConfig, read });
    await live.refresh();
    ownConfig.current = 'b';
    await live.refresh();
    await live.refresh();
    expect(live.current.nodeName).toBe('b');
    ownConfig.current = 'wrong';
    await expect(live.refresh()).rejects.toThrow('wrong');
    expect(live.current.nodeName).toBe('b');
    await expect(live.refresh()).rejects.toThrow('wrong');
    expect(reads).toEqual(['b', 'wrong', 'wrong']);
  });
});
