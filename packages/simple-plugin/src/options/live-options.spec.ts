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
    expect(live.watched).toEqual([]);
  });

  it('are the last ones that were sound', async () => {
    const changes = [undefined, options('b'), new Error('wrong'), undefined, options('c')];
    const readChange = (): Promise<SimpleOptions | undefined> => {
      const change = changes.shift();
      return change instanceof Error ? Promise.reject(change) : Promise.resolve(change);
    };
    const live = new LiveOptions(options('a'), { directory: '/etc/x', readChange });
    const seen: string[] = [];
    while (changes.length > 0) {
      await live.refresh();
      seen.push(live.current.nodeName);
    }
    expect(seen).toEqual(['a', 'b', 'b', 'b', 'c']);
    expect(live.watched).toEqual(['/etc/x']);
  });
});
