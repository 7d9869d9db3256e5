// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DevicePluginError } from '../errors.ts';
import { formatBindAddress, parseBindAddress } from './bind-address.ts';

describe('parseBindAddress()', () => {
  it.each([
    ['0', undefined],
    [':8080', { port: 8080 }],
    [':0', { port: 0 }],
    ['127.0.0.1:9090', { host: '127.0.0.1', port: 9090 }],
    ['localhost:1', { host: 'localhost', port: 1 }],
    ['[::1]:65535', { host: '::1', port: 65535 }],
  ])('reads %s, which is printed back', (text, address) => {
    expect(parseBindAddress(text)).toEqual(address);
    expect(formatBindAddress(parseBindAddress(text))).toBe(text);
  });

  it.each(['', '8080', ':65536', 'host', '::1:80', 'a b:80', 'http://x:80', ':80/'])('refuses %j', (text) => {
    expect(() => parseBindAddress(text)).toThrow('must be host:port, :port, or 0 for none');
  });

  it('throws nothing but FLAG_INVALID, whatever it reads', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseBindAddress(text);
          return true;
        } catch (error) {
          return error instanceof DevicePluginError && error.code === 'FLAG_INVALID';
        }
      }),
    );
  });
});
