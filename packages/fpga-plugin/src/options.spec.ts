// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { fpgaFlags, parseFpgaOptions, type FpgaFlags } from './options.ts';
import { isFpgaMode } from './options/fpga-mode.ts';

const defaults: FpgaFlags = { mode: 'af', 'node-name': '', kubeconfig: '', master: '', scanPeriodMs: 5_000 };
const inPod = { NODE_NAME: 'n1', KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '6443' };
const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount';

describe('parseFpgaOptions()', () => {
  it('is mode af without a node, if nothing else is said', () => {
    expect(Object.entries(fpgaFlags).map(([name, flag]) => [name, flag.default])).toEqual(
      Object.entries(defaults).filter(([name]) => name !== 'scanPeriodMs'),
    );
    expect(parseFpgaOptions(defaults, {})).toEqual({ mode: 'af', node: undefined, scanPeriodMs: 5_000 });
  });

  it('takes node and API server from the variables of the pod', () => {
    expect(parseFpgaOptions({ ...defaults, mode: 'region' }, inPod)).toEqual({
      mode: 'region',
      node: { name: 'n1', host: '10.0.0.1', port: '6443', serviceAccount },
      scanPeriodMs: 5_000,
    });
  });

  it('takes the name of the node from its flag first', () => {
    const { node } = parseFpgaOptions({ ...defaults, 'node-name': 'n2' }, { NODE_NAME: 'n1' });
    expect(node).toEqual({ name: 'n2', host: undefined, port: '443', serviceAccount });
  });

  it.each(['kubeconfig', 'master'] as const)('refuses -%s, which has no meaning any more', (name) => {
    expect(() => parseFpgaOptions({ ...defaults, [name]: 'x' }, {})).toThrow(
      expect.objectContaining({ code: 'FLAG_INVALID', message: expect.stringContaining(`-${name}`) as string }),
    );
  });
});

describe('isFpgaMode()', () => {
  it.each(['af', 'region', 'regiondevel'])('knows %s', (mode) => {
    expect(isFpgaMode(mode)).toBe(true);
  });

  it.each(['', 'AF', 'afX', 'Xregion'])('does not know %j', (mode) => {
    expect(isFpgaMode(mode)).toBe(false);
  });
});
