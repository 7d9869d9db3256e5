// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { parseOptions, usage, type ImageOptions } from './options.ts';

function options(...args: string[]): ImageOptions {
  const parsed = parseOptions(args, 'amd64');
  return 'options' in parsed ? parsed.options : expect.fail(parsed.problem);
}

describe('parseOptions()', () => {
  it('takes a plugin and nothing else', () => {
    expect(options('gpu-plugin')).toEqual({
      help: false,
      plugins: ['gpu-plugin'],
      init: false,
      builder: undefined,
      registry: 'kube-device-plugins',
      tag: undefined,
      architectures: ['amd64'],
      base: undefined,
      localBase: false,
      archive: undefined,
    });
  });

  it('takes every option', () => {
    const args = ['--all', '--init', '--builder', 'podman', '--registry', 'r.example.com:5000/a/b', '--tag', 'v1.0'];
    expect(options(...args, '--platform', 'linux/arm64,amd64', '--local-base', '--archive', 'out')).toMatchObject({
      plugins: 'all',
      init: true,
      builder: 'podman',
      registry: 'r.example.com:5000/a/b',
      tag: 'v1.0',
      architectures: ['arm64', 'amd64'],
      localBase: true,
      archive: 'out',
    });
  });

  it('takes --local-base alone, and --help with anything', () => {
    expect(options('--local-base')).toMatchObject({ plugins: [], localBase: true });
    expect(options('--help', '--all', 'gpu-plugin').help).toBe(true);
  });

  it.each([
    [[], 'name a plugin (gpu-plugin), or say --all or --local-base'],
    [['--all', 'gpu-plugin'], '--all and the name of a plugin exclude each other'],
    [['gpu-plugin', '--base', 'x', '--local-base'], '--base and --local-base exclude each other'],
    [['gpu-plugin', '--builder', 'kaniko'], "--builder is docker, podman, buildah, not 'kaniko'"],
    [['gpu-plugin', '--platform', 'linux/s390x'], "not 'linux/s390x'"],
    [['gpu-plugin', '--tag', 'a b'], "not 'a b'"],
    [['gpu-plugin', '--registry=-x'], "not '-x'"],
    [['gpu-plugin', '--registry', 'UPPER'], "not 'UPPER'"],
    [['--nonsense'], "'--nonsense'"],
  ])('says of %j what is wrong', (args, problem) => {
    expect(parseOptions(args, 'amd64')).toEqual({ problem: expect.stringContaining(problem) as string });
  });

  it('has the plugins and each option in its help', () => {
    const help = usage(['gpu-plugin', 'qat-plugin']);
    expect(help).toContain('Plugins: gpu-plugin, qat-plugin\n');
    for (const name of [
      'all',
      'init',
      'builder',
      'registry',
      'tag',
      'platform',
      'base',
      'local-base',
      'archive',
      'help',
    ])
      expect(help).toMatch(new RegExp(`^  (-h, )?--${name}[ ,]`, 'm'));
  });
});
