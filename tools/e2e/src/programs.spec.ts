// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BundlePrograms, ImagePrograms } from './programs.ts';

let place = '';

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'kdp-'));
});

afterEach(async () => {
  await rm(place, { recursive: true });
});

const program = { bundle: 'make', command: 'intel_make', args: [] };

describe('BundlePrograms', () => {
  it('runs the bundle with its directories', async () => {
    await writeFile(join(place, 'main.mjs'), '');
    const command = new BundlePrograms(place).command(['-v=4'], { host: '/h', directory: '/d' });
    expect(command.slice(0, 2)).toEqual([process.execPath, join(place, 'main.mjs')]);
    expect(command.join(' ')).toContain('-device-plugin-path /d/plugins -cdi-dir /d/cdi');
    expect(command.join(' ')).toMatch(/-prefix \/h -v=4$/);
  });

  it('makes the hardware where it is told to', async () => {
    await writeFile(join(place, 'main.mjs'), '');
    await writeFile(join(place, 'make.mjs'), `(await import('node:fs')).writeFileSync('made', process.argv[2])`);
    await new BundlePrograms(place).make(program, ['what'], { host: place, directory: place });
    expect(await readFile(join(place, 'made'), 'utf8')).toBe('what');
  });

  it('says what makes a bundle that is missing', () => {
    expect(() => new BundlePrograms(place)).toThrow(`there is no ${place}/main.mjs: npm run build makes it`);
  });
});

describe('ImagePrograms', () => {
  const image = { name: 'x', newName: 'localhost/intel-gpu-plugin', newTag: '1' };

  it('runs the image as the manifests do', () => {
    const programs = new ImagePrograms('podman', { image });
    const command = programs.command(['-v=4'], { host: '/h', directory: '/d' }).join(' ');
    expect(programs.description).toBe('image localhost/intel-gpu-plugin:1 with podman');
    expect(command).toMatch(/^podman --runtime runc --cgroup-manager cgroupfs run --rm --pull never --network none /);
    for (const part of ['--read-only', '--cap-drop=ALL', '--volume /d/plugins:/var/lib/kubelet/device-plugins:rw']) {
      expect(command).toContain(part);
    }
    expect(command).toMatch(/ --volume \/h:\/h:ro --env NODE_NAME=e2e localhost\/intel-gpu-plugin:1 -prefix \/h -v=4$/);
  });

  it('gives docker no options of podman', () => {
    expect(new ImagePrograms('docker', { image }).command([], { host: '/h', directory: '/d' })[1]).toBe('run');
  });

  it('has a program of the image make the hardware', async () => {
    const engine = join(place, 'engine');
    await writeFile(engine, `#!/bin/sh\necho "$*" >${join(place, 'asked')}\n`, { mode: 0o755 });
    await new ImagePrograms(engine, { image }).make(program, ['a', 'b'], { host: '/h', directory: '/d' });
    const asked = await readFile(join(place, 'asked'), 'utf8');
    expect(asked).toContain('--entrypoint /usr/local/bin/intel_make --workdir /h localhost/intel-gpu-plugin:1 a b');
    expect(asked).toContain('--volume /h:/h:rw');
  });
});
