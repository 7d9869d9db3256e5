// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cut, cutMiddle, printable } from './printable.ts';

describe('printable()', () => {
  it.each([
    ['loop0', 'loop0'],
    ['a\x1b[2Jb', 'a\\u{1b}[2Jb'],
    ['tab\there', 'tab\\u{9}here'],
    ['設備', '\\u{8a2d}\\u{5099}'],
    ['👩‍💻', '\\u{1f469}\\u{200d}\\u{1f4bb}'],
    ['\ud800', '\\u{d800}'],
    ['', ''],
  ])('writes %j as %j', (text, expected) => {
    expect(printable(text)).toBe(expected);
  });

  it('leaves nothing but printable ASCII', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => /^[\x20-\x7e]*$/.test(printable(text))));
  });
});

describe('cut()', () => {
  it.each([
    ['loop0', 5, 'loop0'],
    ['loop0', 4, 'loo…'],
    ['loop0', 1, '…'],
    ['loop0', 0, ''],
    ['loop0', -3, ''],
    ['', 0, ''],
  ])('cuts %j to %i columns as %j', (text, width, expected) => {
    expect(cut(text, width)).toBe(expected);
  });
});

describe('cutMiddle()', () => {
  it.each([
    ['host.example.com/fuse', 21, 'host.example.com/fuse'],
    ['host.example.com/fuse', 11, 'host.…/fuse'],
    ['host.example.com/fuse', 10, 'host.…fuse'],
    ['host.example.com/fuse', 3, 'h…e'],
    ['host.example.com/fuse', 2, 'h…'],
    ['host.example.com/fuse', 0, ''],
  ])('cuts %j to %i columns as %j', (text, width, expected) => {
    expect(cutMiddle(text, width)).toBe(expected);
  });
});
