// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { containersOf, formatManifests, parseManifests, type Manifest } from './manifest.ts';

describe('parseManifests()', () => {
  it('reads as kubectl does', () => {
    const text = "a: 0440\nb: on\nc: '0440'\n---\n# nothing\n---\nd: 1e3\n";
    expect(parseManifests(text)).toEqual([{ a: 0o440, b: true, c: '0440' }, { d: 1000 }]);
  });

  it('refuses what is no YAML', () => {
    expect(() => parseManifests('a: [')).toThrow(/Flow sequence/);
  });
});

describe('formatManifests()', () => {
  it.each([
    'on',
    'no',
    'y',
    '0440',
    '0x10',
    '1_000',
    '1:30',
    'null',
    '',
    '~',
    ' a',
    'a: b',
    '# a',
    'a\nb\n',
    'it\'s "x"',
  ])('keeps the text %j', (text) => {
    const manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: text } };
    expect(parseManifests(formatManifests([manifest, manifest]))).toEqual([manifest, manifest]);
  });

  it('writes what others could take for a truth value as text', () => {
    expect(formatManifests([{ apiVersion: 'on', kind: 'no', metadata: { name: 'y' } }])).toMatch(/"on"[^]*"no"/);
  });
});

describe('containersOf()', () => {
  it('finds none in what has no pods', () => {
    const manifest: Manifest = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } };
    expect(containersOf(manifest)).toEqual([]);
  });
});
