// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { kubeletAnswers } from './host-kubelet.ts';

let directory = '';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kdp-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

describe('kubeletAnswers()', () => {
  it('is true when something listens', async () => {
    const server = createServer().listen(join(directory, 'kubelet.sock'));
    await once(server, 'listening');
    expect(await kubeletAnswers(directory)).toBe(true);
    server.close();
  });

  it('is false without a socket, and without the directory', async () => {
    expect(await kubeletAnswers(directory)).toBe(false);
    expect(await kubeletAnswers(join(directory, 'nowhere'))).toBe(false);
  });

  it('is false when something else lies there', async () => {
    await writeFile(join(directory, 'kubelet.sock'), '');
    expect(await kubeletAnswers(directory)).toBe(false);
  });

  it('is false for a path that is too long for a socket', async () => {
    expect(await kubeletAnswers(join(directory, 'x'.repeat(200)))).toBe(false);
  });
});
