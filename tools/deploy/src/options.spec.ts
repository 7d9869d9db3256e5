// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { DeployError } from './deploy-error.ts';
import { parseOptions } from './options.ts';

describe('parseOptions()', () => {
  it('reads every option', () => {
    const args = [
      '--overlay',
      'health',
      '--set',
      'VERBOSITY=4',
      '--set=ENV_PREFIX=A=B',
      '--registry',
      'r',
      '--tag',
      '1',
    ];
    const behind = ['-n', 'plugins', '--dry-run', '--', '--context', 'test'];
    expect(parseOptions(['undeploy', 'gpu-plugin', ...args, ...behind])).toEqual({
      help: false,
      action: 'undeploy',
      plugin: 'gpu-plugin',
      overlay: 'health',
      parameters: { VERBOSITY: '4', ENV_PREFIX: 'A=B' },
      registry: 'r',
      tag: '1',
      namespace: 'plugins',
      dryRun: true,
      kubectlArguments: ['--context', 'test'],
    });
  });

  it('takes NAMESPACE for the namespace, but not another one beside --namespace', () => {
    const args = ['deploy', 'simple-plugin', '--set', 'NAMESPACE=one'];
    expect(parseOptions(args)).toMatchObject({ namespace: 'one', parameters: {} });
    expect(parseOptions([...args, '--namespace', 'one'])).toMatchObject({ namespace: 'one' });
    expect(() => parseOptions([...args, '--namespace', 'two'])).toThrow(
      '--namespace two and --set NAMESPACE=one exclude each other',
    );
  });

  it('needs no plugin to help', () => {
    expect(parseOptions(['deploy', '-h']).help).toBe(true);
  });

  it.each([
    [['install'], "the first argument is one of deploy, undeploy, not 'install'"],
    [[], "not ''"],
    [['deploy'], 'name a plugin'],
    [['deploy', 'gpu-plugin', 'qat-plugin'], "one plugin at a time: 'qat-plugin'"],
    [['deploy', 'gpu-plugin', '--sett', 'A=1'], "Unknown option '--sett'"],
    [['deploy', 'gpu-plugin', '--set', 'VERBOSITY'], "--set takes NAME=value, not 'VERBOSITY'"],
    [['deploy', 'gpu-plugin', '--set', '=4'], '--set takes NAME=value'],
    [['deploy', 'gpu-plugin', '-n', 'Kube_System'], "'Kube_System' is no namespace"],
    [['deploy', 'gpu-plugin', '--registry', 'Foo Bar'], '--registry is a name as registry.example.com/folder'],
    [['deploy', 'gpu-plugin', '--tag', 'x:y'], "--tag is letters, digits, _ . and -, not 'x:y'"],
    [['deploy', 'gpu-plugin', '-n', 'n'.repeat(64)], 'is no namespace'],
  ])('refuses %j', (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
    expect(() => parseOptions(args)).toThrow(expect.objectContaining({ exitCode: 2 }) as DeployError);
  });
});
