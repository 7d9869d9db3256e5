// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { callSite, callStack, sitePath } from './call-site.ts';

describe('callSite()', () => {
  it('counts calls upwards', () => {
    const inner = () => [callSite(1), callSite(2)];
    const [here, above] = inner();
    expect(here?.file).toMatch(/call-site\.spec\.ts$/);
    expect((above?.line ?? 0) - (here?.line ?? 0)).toBe(1);
  });

  it('names a place that does not exist as klog does', () => {
    expect(callSite(150)).toEqual({ file: '???', line: 1 });
  });
});

describe('callStack()', () => {
  it('begins with the call that is asked for', () => {
    const named = () => callStack(1);
    expect(named()).toMatch(/^at named \(.*call-site\.spec\.ts:\d+:\d+\)\n/);
  });
});

describe('sitePath()', () => {
  it.each([
    ['file:///src/log/log.ts', false, 'log.ts'],
    ['file:///src/log/log.ts', true, 'log/log.ts'],
    ['log.ts', true, 'log.ts'],
  ])('of %s with directory %j is %s', (file, withDirectory, path) => {
    expect(sitePath({ file, line: 1 }, withDirectory)).toBe(path);
  });
});
