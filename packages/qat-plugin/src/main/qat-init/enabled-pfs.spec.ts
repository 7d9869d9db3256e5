// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { enabledPfs } from './enabled-pfs.ts';

describe('enabledPfs()', () => {
  it.each([undefined, '', '  '])('sets up what upstream sets up when it is %j', (text) => {
    expect([...enabledPfs(text).keys()]).toEqual(['37c8', '4940', '4942', '4944', '4946', '4948']);
  });

  it.each(['0434 0435 37C8', '0x0434,0x0435 0x37c8'])('reads ids from %j', (text) => {
    expect([...enabledPfs(text)].map(([id, { pfDriver }]) => [id, pfDriver])).toEqual([
      ['0434', 'dh895xcc'],
      ['0435', 'dh895xcc'],
      ['37c8', 'c6xx'],
    ]);
  });

  it.each(['4941', '49', 'c6xx', '4940 beef'])('refuses %j', (text) => {
    expect(() => enabledPfs(text)).toThrow(expect.objectContaining({ code: 'FLAG_INVALID' }));
    expect(() => enabledPfs(text)).toThrow(
      /^environment variable ENABLED_QAT_PF_PCIIDS has ".*", which is no physical/,
    );
  });
});
