// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:http2';
import { describe, expect, it } from 'vitest';
import { type ClosedStream, goCodeName, outcomeOf, statusNames } from './call-outcome.ts';

const closed: ClosedStream = {
  grpcStatus: undefined,
  grpcMessage: undefined,
  httpStatus: 200,
  resetCode: constants.NGHTTP2_NO_ERROR,
  isConnectionLost: false,
};

describe('outcomeOf()', () => {
  it.each([
    [{ grpcStatus: '0' }, 'OK', ''],
    [{ grpcStatus: '5', grpcMessage: 'no%20such %C3%A4' }, 'NOT_FOUND', 'no such ä'],
    [{ grpcStatus: '5', grpcMessage: '100%' }, 'NOT_FOUND', '100%'],
    [{ grpcStatus: '99', grpcMessage: 'odd' }, 'UNKNOWN', 'odd'],
    [{ grpcStatus: 'x' }, 'UNKNOWN', ''],
    [{ httpStatus: 404 }, 'UNIMPLEMENTED', 'unexpected HTTP status code received from server: 404'],
    [{ httpStatus: 418 }, 'UNKNOWN', 'unexpected HTTP status code received from server: 418'],
    [{ isConnectionLost: true, resetCode: 8 }, 'UNAVAILABLE', 'error reading from server: EOF'],
    [{}, 'INTERNAL', 'server closed the stream without sending trailers'],
    [{ resetCode: 1 }, 'INTERNAL', 'stream terminated by RST_STREAM with error code: PROTOCOL_ERROR'],
    [{ resetCode: 8 }, 'CANCELLED', 'stream terminated by RST_STREAM with error code: CANCEL'],
    [{ resetCode: 77 }, 'INTERNAL', 'stream terminated by RST_STREAM with error code: 77'],
  ])('takes %j as %s', (wire, status, details) => {
    expect(outcomeOf({ ...closed, ...wire })).toEqual({ status, details });
  });
});

describe('goCodeName()', () => {
  it('spells statuses as Go does', () => {
    expect(statusNames.slice(1).map(goCodeName).join()).toBe(
      'Canceled,Unknown,InvalidArgument,DeadlineExceeded,NotFound,AlreadyExists,PermissionDenied,ResourceExhausted,' +
        'FailedPrecondition,Aborted,OutOfRange,Unimplemented,Internal,Unavailable,DataLoss,Unauthenticated',
    );
  });
});
