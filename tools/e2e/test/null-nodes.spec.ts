// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const script = join(import.meta.dirname, '../scripts/null-nodes.sh');
let place = '';

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'kdp-'));
  mkdirSync(join(place, 'root/dev/vfio'), { recursive: true });
  mkdirSync(join(place, 'host/dev'), { recursive: true });
  writeFileSync(join(place, 'root/dev/vfio/90000'), 'c 240:0\n');
  // Only root may make nodes: this one writes down what it is asked for.
  mkdirSync(join(place, 'bin'));
  writeFileSync(join(place, 'bin/mknod'), `#!/bin/sh\necho "$*" >>${join(place, 'asked')}\n`);
  chmodSync(join(place, 'bin/mknod'), 0o755);
});

afterEach(async () => {
  await rm(place, { recursive: true });
});

function run(host: string): { readonly status: number | null; readonly stderr: string } {
  const env = { PATH: `${join(place, 'bin')}:${process.env['PATH'] ?? ''}` };
  return spawnSync('sh', [script, join(place, 'root'), host], { env, encoding: 'utf8' });
}

function asked(): string {
  return readFileSync(join(place, 'asked'), 'utf8');
}

describe('null-nodes.sh', () => {
  it('makes the nodes of the host, with the directories on the way', () => {
    expect(run(join(place, 'host')).status).toBe(0);
    expect(asked()).toBe(`-m 666 ${join(place, 'host/dev/vfio/90000')} c 1 3\n`);
    expect(existsSync(join(place, 'host/dev/vfio'))).toBe(true);
    expect(existsSync(join(place, 'root/dev/vfio/90000'))).toBe(true);
  });

  it('puts nodes in the place of the files where they are', () => {
    expect(run(join(place, 'root')).status).toBe(0);
    expect(asked()).toBe(`-m 666 ${join(place, 'root/dev/vfio/90000')} c 1 3\n`);
    expect(existsSync(join(place, 'root/dev/vfio/90000'))).toBe(false);
  });

  it('does not touch what is there', () => {
    mkdirSync(join(place, 'host/dev/vfio'));
    writeFileSync(join(place, 'host/dev/vfio/90000'), 'mine');
    const { status, stderr } = run(join(place, 'host'));
    expect(status).toBe(1);
    expect(stderr).toContain('vfio/90000 is there, and is no null device');
    expect(readFileSync(join(place, 'host/dev/vfio/90000'), 'utf8')).toBe('mine');
    expect(existsSync(join(place, 'asked'))).toBe(false);
  });

  it('knows a null device, which it leaves as it is', () => {
    // /dev itself in the place of the host, with a file for a node that every Linux has.
    execFileSync('mv', [join(place, 'root/dev/vfio/90000'), join(place, 'root/dev/null')]);
    expect(run('').status).toBe(0);
    expect(existsSync(join(place, 'asked'))).toBe(false);
  });
});
