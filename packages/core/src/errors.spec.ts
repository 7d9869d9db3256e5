// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { DevicePluginError, isErrno, isMissing, messageOf } from './errors.ts';

describe('messageOf()', () => {
  it('puts the causes behind the message', () => {
    const error = new DevicePluginError('HOST_UNREADABLE', 'cannot read a', { cause: new Error('b', { cause: 'c' }) });
    expect(messageOf(error)).toBe('cannot read a: b: c');
  });

  it('does not say a cause twice that the message holds', () => {
    expect(messageOf(new Error('outer: inner', { cause: new Error('inner') }))).toBe('outer: inner');
  });

  it('tells what is not an error', () => {
    expect(messageOf('text')).toBe('text');
    expect(messageOf(undefined)).toBe('undefined');
  });

  it('comes to an end when an error causes itself', () => {
    const one = new Error('one');
    const two = new Error('two', { cause: one });
    one.cause = two;
    expect(messageOf(one)).toMatch(/^one: two/);
  });
});

describe('isErrno(), isMissing()', () => {
  const errno = (code: string): Error => Object.assign(new Error(code), { code });

  it.each([
    ['ENOENT', true],
    ['ENOTDIR', true],
    ['EACCES', false],
  ])('takes %s for missing: %s', (code, missing) => {
    expect(isMissing(errno(code))).toBe(missing);
  });

  it('looks at the code alone', () => {
    expect(isErrno(errno('EACCES'), 'EACCES')).toBe(true);
    expect(isErrno(new Error('EACCES'), 'EACCES')).toBe(false);
    expect(isErrno('EACCES', 'EACCES')).toBe(false);
  });
});
