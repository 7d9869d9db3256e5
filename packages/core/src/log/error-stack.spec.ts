// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { DevicePluginError } from '../errors.ts';
import { errorStack } from './error-stack.ts';

describe('errorStack()', () => {
  it('shows an error and its causes with their places', () => {
    const cause = new TypeError('inner', { cause: 'text' });
    const stack = errorStack(new DevicePluginError('HOST_UNREADABLE', 'outer', { cause })).split('\n');
    expect(stack[0]).toBe('DevicePluginError [HOST_UNREADABLE]: outer');
    expect(stack[1]).toMatch(/^ {4}at .*error-stack\.spec\.ts:\d+:\d+/);
    expect(stack.filter((line) => !/^ {4}at /.test(line)).slice(1)).toEqual([
      'caused by: TypeError: inner',
      'caused by: text',
    ]);
  });

  it('shows what is no error, and an error without places', () => {
    expect(errorStack('text')).toBe('text');
    expect(errorStack(null)).toBe('null');
    const error = new Error('bare');
    delete error.stack;
    expect(errorStack(error)).toBe('Error: bare');
  });

  it('comes to an end when the causes do not', () => {
    const error = new Error('round');
    error.cause = error;
    expect(errorStack(error).match(/round/g)).toHaveLength(10);
  });
});
