// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { parsePodOutput, podManifest } from './pod.ts';

describe('podManifest()', () => {
  const manifest = podManifest({ name: 'p', limits: { 'a.b/c': 2 }, image: 'busybox', directories: ['/dev', '/x/y'] });

  it('asks for the devices, and for nothing else', () => {
    expect(manifest).toMatchObject({
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: { restartPolicy: 'Never', containers: [{ image: 'busybox', resources: { limits: { 'a.b/c': 2 } } }] },
    });
  });

  it('has a script that prints what the parser reads', () => {
    const { command } = (manifest as { spec: { containers: [{ command: [string, ...string[]] }] } }).spec.containers[0];
    const [shell, ...args] = command;
    const output = execFileSync(shell, args, { env: { PATH: process.env['PATH'], COLOR: 'red=1' } });
    const { env, devices } = parsePodOutput(output.toString(), '/x/y');
    expect(env).toMatchObject({ COLOR: 'red=1' });
    for (const device of devices) expect(device).toMatch(/^\/dev\//);
  });
});

describe('parsePodOutput()', () => {
  it('leaves out the nodes of every container, and the root of the hardware', () => {
    const text =
      '/dev/null\n/dev/pts/0\n/dev/tty\n/root/dev/dri/card0\n/dev/ttyS0\n--- environment\nA=1\nB=\n  rubbish\n';
    expect(parsePodOutput(text, '/root')).toEqual({
      devices: ['/dev/dri/card0', '/dev/ttyS0'],
      env: { A: '1', B: '' },
    });
  });

  it('finds nothing in an empty text', () => {
    expect(parsePodOutput('', '/root')).toEqual({ devices: [], env: {} });
  });
});
