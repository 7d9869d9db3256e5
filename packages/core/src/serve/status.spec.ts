// SPDX-License-Identifier: Apache-2.0
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { DevicePluginError, errorTable, type ErrorCode } from '../errors.ts';
import { statusCodes, toCallFailure } from './status.ts';

describe('toCallFailure()', () => {
  it.each(Object.keys(errorTable) as ErrorCode[])('gives %s the status of the error table', (code) => {
    const { status: name } = errorTable[code];
    expect(toCallFailure(new DevicePluginError(code, 'why'))).toEqual({ code: status[name], details: 'why' });
  });

  it('gives what a plugin threw as UNKNOWN, with its causes', () => {
    const error = new Error('cannot reset', { cause: new Error('EIO') });
    expect(toCallFailure(error)).toEqual({ code: status.UNKNOWN, details: 'cannot reset: EIO' });
    expect(toCallFailure('text')).toEqual({ code: status.UNKNOWN, details: 'text' });
    expect(toCallFailure(undefined)).toEqual({ code: status.UNKNOWN, details: 'undefined' });
  });

  it('repairs half a surrogate pair, which encodeURI() would throw on', () => {
    const { details } = toCallFailure(new Error('bad \ud800 id'));
    expect(encodeURI(details)).toBe(encodeURI('bad \ufffd id'));
  });

  it('cuts a text that would not fit into the header of an answer', () => {
    const { details } = toCallFailure(new Error('é'.repeat(100_000)));
    expect(details).toMatch(/^é+…$/);
    expect(encodeURI(details).length).toBeLessThan(16 * 1024);
  });
});

describe('statusCodes', () => {
  it('are those of gRPC', () => {
    expect(statusCodes).toEqual(
      Object.fromEntries(Object.keys(statusCodes).map((name) => [name, status[name as keyof typeof status]])),
    );
  });
});
