// SPDX-License-Identifier: Apache-2.0
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type BuildOrder, buildCommand, findBuilder, isPresent, joinArchitectures, saveCommand } from './builder.ts';
import { builderNames } from './options.ts';

const order: BuildOrder = {
  dockerfile: '/src/build/docker/plugin.Dockerfile',
  context: '/src',
  image: 'r/intel-gpu-plugin:1',
  architecture: 'arm64',
  args: { PLUGIN: 'gpu-plugin', DESCRIPTION: 'a b' },
  timestamp: 7,
  isLocal: true,
  hasLayers: false,
};

describe('buildCommand()', () => {
  const what = ['--platform', 'linux/arm64', '--file', order.dockerfile, '--tag', order.image];
  const args = ['--build-arg', 'PLUGIN=gpu-plugin', '--build-arg', 'DESCRIPTION=a b'];

  it.each(['podman', 'buildah'] as const)('builds with %s without a registry and without a daemon', (builder) => {
    const how = ['--isolation', 'chroot', '--force-rm', '--timestamp', '7', '--layers=false', '--pull=never'];
    expect(buildCommand(builder, order)).toEqual([builder, 'build', ...how, ...what, ...args, '/src']);
    expect(buildCommand(builder, { ...order, isLocal: false, hasLayers: true })).not.toContain('--pull=never');
  });

  it('builds with docker', () => {
    const time = ['--build-arg', 'SOURCE_DATE_EPOCH=7'];
    expect(buildCommand('docker', order)).toEqual([
      'docker',
      'buildx',
      'build',
      '--load',
      '--provenance=false',
      ...what,
      ...time,
      ...args,
      '/src',
    ]);
  });
});

describe('saveCommand()', () => {
  it.each([
    ['docker', ['docker', 'save', '--output', '/f', 'i']],
    ['podman', ['podman', 'save', '--quiet', '--format', 'docker-archive', '--output', '/f', 'i']],
    ['buildah', ['buildah', 'push', '--quiet', 'i', 'docker-archive:/f']],
  ] as const)('saves with %s what docker save writes', (builder, command) => {
    expect(saveCommand(builder, 'i', '/f')).toEqual(command);
  });
});

describe('with builders on the PATH', () => {
  let folder: string;
  const options = { cwd: '/', signal: new AbortController().signal };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kdp-'));
    vi.stubEnv('PATH', folder);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });

  async function program(name: string, text: string): Promise<void> {
    await writeFile(join(folder, name), `#!/bin/sh\n${text}\n`);
    await chmod(join(folder, name), 0o755);
  }

  it('takes the first that works: docker may be there without its daemon', async () => {
    await program('docker', 'echo cannot connect >&2; exit 1');
    await program('buildah', 'exit 0');
    expect(await findBuilder(undefined, options)).toBe('buildah');
    await program('podman', 'exit 0');
    expect(await findBuilder(undefined, options)).toBe('podman');
    expect(await findBuilder('buildah', options)).toBe('buildah');
  });

  it('takes docker with buildx only', async () => {
    await program('docker', '[ "$1" = info ]');
    await program('buildah', 'exit 0');
    expect(await findBuilder(undefined, options)).toBe('buildah');
    await program('docker', '[ "$1" = info ] || [ "$*" = "buildx version" ]');
    expect(await findBuilder(undefined, options)).toBe('docker');
  });

  it('says what to install when there is none, and what is wrong with the one that is wanted', async () => {
    await expect(findBuilder(undefined, options)).rejects.toThrow(
      /none of docker, podman, buildah works here.*apt-get/,
    );
    await expect(findBuilder('docker', options)).rejects.toThrow(/docker cannot build here.*buildx/);
  });

  it.each(builderNames)('asks %s for an image', async (builder) => {
    await program(builder, '[ "$*" = "$WANTED here" ]');
    vi.stubEnv('WANTED', builder === 'buildah' ? 'inspect --type image' : 'image inspect');
    expect(await isPresent(builder, 'here', options)).toBe(true);
    expect(await isPresent(builder, 'elsewhere', options)).toBe(false);
  });

  it('joins architectures under one name, which may be taken', async () => {
    const log = join(folder, 'log');
    await program('buildah', `echo "$*" >>${log}; [ "$1" != rmi ] && [ "$2" != rm ]`);
    await joinArchitectures('buildah', 'n:1', ['n:1-amd64', 'r.example.com/n:1-arm64'], options);
    expect((await readFile(log, 'utf8')).trim().split('\n')).toEqual([
      'manifest rm n:1',
      'rmi n:1',
      'manifest create n:1',
      'manifest add n:1 containers-storage:localhost/n:1-amd64',
      'manifest add n:1 containers-storage:r.example.com/n:1-arm64',
    ]);
  });

  it('leaves that to the registry with docker', async () => {
    await program('docker', 'exit 1');
    await expect(joinArchitectures('docker', 'n:1', ['n:1-amd64'], options)).resolves.toBeUndefined();
  });
});
