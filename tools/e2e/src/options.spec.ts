// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { parseOptions, usage } from './options.ts';

const known = ['gpu-plugin', 'simple-plugin'];

describe('parseOptions()', () => {
  it('takes all plugins, and no cluster, when it is told nothing', () => {
    expect(parseOptions([], known, {})).toEqual({ help: false, plugins: known, env: {} });
  });

  it('hands on what the tests need to know', () => {
    const args = ['gpu-plugin', '--engine', 'podman', '--registry', 'r/x', '--tag', 't', '--tools-image', 'busybox:1'];
    expect(parseOptions(args, known, { KUBECONFIG: '/k' })).toEqual({
      help: false,
      plugins: ['gpu-plugin'],
      env: { E2E_ENGINE: 'podman', E2E_REGISTRY: 'r/x', E2E_TAG: 't', E2E_TOOLS_IMAGE: 'busybox:1', E2E_CLUSTER: '1' },
    });
  });

  it.each([
    [{ KUBECONFIG: '' }, []],
    [{ KUBECONFIG: '/k' }, ['--no-cluster']],
  ])('stays away from clusters with %o and %o', (env, args) => {
    expect(parseOptions(args, known, env).env).toEqual({});
  });

  it('names the plugins that there are for one that is not', () => {
    expect(() => parseOptions(['npu-plugin'], known, {})).toThrow(
      'there is no test/e2e/npu-plugin.e2e.ts; there are plugins gpu-plugin, simple-plugin',
    );
  });

  it('refuses options that it does not know', () => {
    expect(() => parseOptions(['--fast'], known, {})).toThrow(/--fast/);
  });
});

describe('usage()', () => {
  it('has every option and every plugin', () => {
    for (const word of ['--engine', '--registry', '--tag', '--tools-image', '--no-cluster', '--help', ...known]) {
      expect(usage(known)).toContain(word);
    }
  });
});
