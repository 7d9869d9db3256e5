// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dir, link, node, silence } from '@kube-device-plugins/testkit';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hardwareScript } from './hardware-script.ts';

let root = '';

beforeEach(async () => {
  root = join(await mkdtemp(join(tmpdir(), 'kdp-')), 'root');
});

afterEach(async () => {
  await rm(join(root, '..'), { recursive: true });
});

function run(script: string): void {
  execFileSync('sh', ['-s', root], { input: script });
}

describe('hardwareScript()', () => {
  it('makes files, links, directories, and files for device nodes', () => {
    run(
      hardwareScript({
        '/sys/a b/status': "0\n\0it's 100 %\\",
        'sys/link': link('../dev/x'),
        '/sys/empty': dir(),
        '/dev/x': node('c', 10, 196),
        '/sys/silent': silence(),
      }),
    );
    expect(readFileSync(join(root, 'sys/a b/status'), 'utf8')).toBe("0\n\0it's 100 %\\");
    expect(readlinkSync(join(root, 'sys/link'))).toBe('../dev/x');
    expect(readdirSync(join(root, 'sys/empty'))).toEqual([]);
    expect(readFileSync(join(root, 'dev/x'), 'utf8')).toBe('c 10:196\n');
    expect(lstatSync(join(root, 'dev/x')).isFile()).toBe(true);
    expect(lstatSync(join(root, 'sys/silent')).isFIFO()).toBe(true);
  });

  it('replaces what was there before', () => {
    run(hardwareScript({ '/sys/old': 'x', '/dev/old': 'x' }));
    run(hardwareScript({ '/sys/new': 'x' }));
    expect(readdirSync(root)).toEqual(['sys']);
    expect(readdirSync(join(root, 'sys'))).toEqual(['new']);
  });

  it('writes a text that begins like an option', () => {
    run(hardwareScript({ '/sys/heartbeat': '-1\n' }));
    expect(readFileSync(join(root, 'sys/heartbeat'), 'utf8')).toBe('-1\n');
  });

  it('writes any text as it is', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 });
    const property = fc.property(text, (content) => {
      run(hardwareScript({ '/sys/file': content }));
      expect(readFileSync(join(root, 'sys/file'), 'utf8')).toBe(content);
    });
    fc.assert(property, { numRuns: 30 });
  });
});
