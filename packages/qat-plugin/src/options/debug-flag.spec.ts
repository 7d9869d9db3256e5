// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { withDebugAlias } from './debug-flag.ts';

describe('withDebugAlias()', () => {
  it.each([['-debug'], ['--debug'], ['-debug=true'], ['-debug=1']])('makes -v=4 of %s', (flag) => {
    expect(withDebugAlias(['-mode', 'dpdk', flag])).toEqual(['-v=4', '-mode', 'dpdk', flag]);
  });

  it('lets a -v that is given as well come later, where it counts', () => {
    expect(withDebugAlias(['-debug', '-v=2'])).toEqual(['-v=4', '-debug', '-v=2']);
  });

  it.each([[[]], [['-debug=false']], [['-debugger']], [['debug']]])('changes nothing in %j', (args) => {
    expect(withDebugAlias(args)).toBe(args);
  });
});
