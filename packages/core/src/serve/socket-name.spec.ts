// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkSocketDirectory, isSocketNameOf, socketPath } from './socket-name.ts';

const dir = '/var/lib/kubelet/device-plugins/';
const longName = `qat.intel.com/${'x'.repeat(63)}`;

describe('socketPath()', () => {
  it("is upstream's in the classic style", () => {
    expect(socketPath(dir, 'qat.intel.com/cy', 'classic', '0a1b2c3d')).toBe(`${dir}qat.intel.com-cy.sock`);
  });

  it('has the instance behind it in the unique style', () => {
    expect(socketPath(dir, 'qat.intel.com/cy', 'unique', '0a1b2c3d')).toBe(`${dir}qat.intel.com-cy-0a1b2c3d.sock`);
  });

  it('has a hash for a resource whose name is too long', () => {
    const path = socketPath(dir, longName, 'unique', '0a1b2c3d');
    expect(path).toMatch(/^\/var\/lib\/kubelet\/device-plugins\/[0-9a-f]{8}-0a1b2c3d\.sock$/);
    expect(path).not.toBe(socketPath(dir, `${longName.slice(0, -1)}y`, 'unique', '0a1b2c3d'));
  });

  it.each([
    ['classic', 107, true],
    ['classic', 108, false],
    ['unique', 107, true],
  ] as const)('%s, %d bytes: fits is %s', (style, bytes, fits) => {
    const rest = style === 'classic' ? '/a.b-c.sock' : '/0123456789abcdef-0a1b2c3d.sock';
    const exact = `/${'d'.repeat(bytes - rest.length - 1)}`;
    const make = (): string => socketPath(exact, 'a.b/c', style, '0a1b2c3d');
    if (fits) expect(Buffer.byteLength(make())).toBeLessThanOrEqual(107);
    else expect(make).toThrow(expect.objectContaining({ code: 'SOCKET_PATH_TOO_LONG' }));
  });

  it('counts bytes, not characters', () => {
    const make = (): string => socketPath(`/${'é'.repeat(50)}`, 'a.b/c', 'classic', '0a1b2c3d');
    expect(make).toThrow(/112 bytes.*at most 107.*-device-plugin-path/);
  });

  it('refuses a directory that has no room even for a hash', () => {
    const make = (): string => socketPath(`/${'d'.repeat(90)}`, 'a.b/c', 'unique', '0a1b2c3d');
    expect(make).toThrow(expect.objectContaining({ code: 'SOCKET_PATH_TOO_LONG' }));
  });
});

describe('checkSocketDirectory()', () => {
  it.each([
    ['unique', 22],
    ['classic', 'kubelet.sock'.length],
  ] as const)('takes a directory that leaves room for a %s name of %d bytes and no longer one', (style, bytes) => {
    const check = (length: number) => (): void => {
      checkSocketDirectory(`/${'d'.repeat(length - 1)}`, style);
    };
    const longest = 107 - bytes - 1;
    expect(check(longest)).not.toThrow();
    expect(check(longest + 1)).toThrow(/^a socket would be .*108 bytes.*use a shorter -device-plugin-path \(/);
  });
});

describe('isSocketNameOf()', () => {
  const resource = fc.stringMatching(/^[a-z0-9.]{1,60}\/[A-Za-z0-9._-]{1,63}$/);
  const instance = fc.stringMatching(/^[0-9a-f]{8}$/);

  it('knows each unique name of a resource', () => {
    fc.assert(
      fc.property(resource, instance, (name, process) => {
        expect(isSocketNameOf(basename(socketPath(dir, name, 'unique', process)), name)).toBe(true);
      }),
    );
  });

  it.each([
    'kubelet.sock',
    'qat.intel.com-cy.sock',
    'qat.intel.com-dc-0a1b2c3d.sock',
    'qat.intel.com-cy-0a1b2c3d.sock.bak',
    'a-b',
    '',
  ])('leaves %j alone', (name) => {
    expect(isSocketNameOf(name, 'qat.intel.com/cy')).toBe(false);
  });
});
