// SPDX-License-Identifier: Apache-2.0
import { matchesGlob } from 'node:path/posix';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  absolutePathProblem,
  compileName,
  devicePathProblem,
  hasWildcard,
  pathPatternProblem,
} from './path-pattern.ts';

describe('devicePathProblem()', () => {
  it.each(['/dev/fuse', '/dev/net/tun', '/dev/serial/by-id/usb-1a86_USB\\x20Serial', '/dev/...', '/dev/loop[0]'])(
    'takes %s',
    (path) => expect(devicePathProblem(path)).toBeUndefined(),
  );

  it.each([
    ['', 'lies outside /dev'],
    ['/dev', 'lies outside /dev'],
    ['/etc/passwd', 'lies outside /dev'],
    ['/devices/x', 'lies outside /dev'],
    ['dev/fuse', 'lies outside /dev'],
    ['/dev/', 'has an empty, "." or ".." part'],
    ['/dev/../etc/passwd', 'has an empty, "." or ".." part'],
    ['/dev/net/..', 'has an empty, "." or ".." part'],
    ['/dev/./fuse', 'has an empty, "." or ".." part'],
    ['/dev//fuse', 'has an empty, "." or ".." part'],
    [`/dev/${'x'.repeat(4096)}`, 'is longer than 4095 characters'],
  ])('refuses %j: %s', (path, reason) => {
    expect(devicePathProblem(path)).toBe(reason);
  });
});

describe('absolutePathProblem()', () => {
  it.each(['/dev/fuse', '/etc/passwd', '/x'])('takes %s', (path) => expect(absolutePathProblem(path)).toBeUndefined());

  it.each([
    ['', 'is not an absolute path'],
    ['dev/fuse', 'is not an absolute path'],
    ['/', 'has an empty, "." or ".." part'],
    ['/opt/../etc/passwd', 'has an empty, "." or ".." part'],
    [`/${'x'.repeat(4096)}`, 'is longer than 4095 characters'],
  ])('refuses %j: %s', (path, reason) => {
    expect(absolutePathProblem(path)).toBe(reason);
    expect(pathPatternProblem(path)).toBe(reason);
  });
});

describe('pathPatternProblem()', () => {
  it.each(['/dev/loop[0-7]', '/dev/ttyUSB*', '/dev/bus/usb/*/*', '/dev/[]a]', '/dev/[!]a]', '/dev/[a-]', '/dev/x]'])(
    'takes %s',
    (pattern) => expect(pathPatternProblem(pattern)).toBeUndefined(),
  );

  it.each([
    ['/dev/**', 'has "**"; a "*" stays within one directory, so write one part for each'],
    ['/dev/tty{A,B}', 'has braces, which are not wildcards here; list each path'],
    ['/dev/loop[0-7', 'has a "[" that is not closed'],
    ['/dev/[a/b]', 'has a "[" that is not closed'],
    ['/dev/[!]', 'has a "[" that is not closed'],
    ['/dev/[]', 'has a "[" that is not closed'],
    ['/dev/loop[7-0]', 'has the range [7-0], which runs backwards'],
    ['/dev/loop[[:digit:]]', 'has a named set such as "[:digit:]"; write out the range'],
  ])('refuses %s, which %s', (pattern, reason) => expect(pathPatternProblem(pattern)).toBe(reason));
});

describe('hasWildcard()', () => {
  it.each([
    ['loop0', false],
    ['a]', false],
    ['loop*', true],
    ['loop?', true],
    ['loop[0]', true],
  ])('of %s is %s', (pattern, expected) => expect(hasWildcard(pattern)).toBe(expected));
});

describe('compileName()', () => {
  it.each([
    ['loop[0-7]', 'loop7', true],
    ['loop[0-7]', 'loop8', false],
    ['loop[0-7]', 'loop77', false],
    ['[!a-c]x', 'dx', true],
    ['[^a-c]x', 'bx', false],
    ['[]x]', ']', true],
    ['[a-]', '-', true],
    ['*.log', '.log', false],
    ['.*', '.log', true],
    ['?', '.', false],
    ['a.c', 'abc', false],
    ['*é', 'né', true],
    ['?', '🖨', true],
    ['', '', true],
    ['*', '', true],
  ])('of %j says for %j: %s', (pattern, name, expected) => expect(compileName(pattern)(name)).toBe(expected));

  it('agrees with the globs of Node.js', () => {
    const token = fc.constantFrom('a', 'b', '1', '-', '.', '*', '?', '[a-b]', '[!a]', '[1-9b]', '[a.]');
    const pattern = fc
      .array(token, { minLength: 1, maxLength: 8 })
      .map((tokens) => tokens.join('').replaceAll(/\*+/g, '*'));
    const name = fc.stringMatching(/^[ab1.-]{1,8}$/).filter((text) => text !== '.' && text !== '..');
    fc.assert(
      fc.property(pattern, name, (glob, text) => {
        expect(compileName(glob)(text)).toBe(matchesGlob(text, glob));
      }),
      { numRuns: 3_000 },
    );
  });

  it('takes no more time for a pattern made to take long', () => {
    const matches = compileName(`${'*a'.repeat(100)}b`);
    const startMs = performance.now();
    expect(matches('a'.repeat(255))).toBe(false);
    expect(performance.now() - startMs).toBeLessThan(1_000);
  });
});
