// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { Manifest } from './manifest.ts';
import { checkSettings, ownImages, parametersOf } from './parameters.ts';

const daemonSet: Manifest = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'simple-plugin' },
  spec: {
    template: {
      spec: {
        initContainers: [
          { name: 'init', image: 'kube-device-plugins/init:0.1.0', env: [{ name: 'INIT', value: '1' }] },
        ],
        containers: [
          {
            name: 'main',
            image: 'kube-device-plugins/main@sha256:0',
            env: [{ name: 'NODE_NAME' }, { name: 'A', value: '' }],
          },
          { name: 'sidecar', image: 'registry:5000/intel/sidecar', env: [{ name: 'B', value: '2' }] },
          { name: 'plain' },
        ],
      },
    },
  },
};
const namespace: Manifest = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'plugins' } };

describe('parametersOf()', () => {
  it('finds variables that have a value, and where', () => {
    const target = { kind: 'DaemonSet', name: 'simple-plugin' };
    expect(parametersOf([namespace, daemonSet])).toEqual([
      { name: 'A', target, pointer: '/spec/template/spec/containers/0/env/1/value' },
      { name: 'B', target, pointer: '/spec/template/spec/containers/1/env/0/value' },
    ]);
  });
});

describe('checkSettings()', () => {
  const known = [
    'VERBOSITY',
    'NUMBER_DEVICES',
    'RESOURCE_NAME',
    'DEVICE_ID_PREFIX',
    'ENV_PREFIX',
    'DEVICE_FILE_PREFIX',
    'VALUE_STYLE',
    'X',
  ];

  it.each([
    ['VERBOSITY', '0'],
    ['NUMBER_DEVICES', '100000'],
    ['RESOURCE_NAME', 'example.com/gpu'],
    ['DEVICE_ID_PREFIX', 'simple-device'],
    ['ENV_PREFIX', ''],
    ['DEVICE_FILE_PREFIX', 'dri/card'],
    ['DEVICE_FILE_PREFIX', ''],
    ['VALUE_STYLE', 'id'],
    ['X', 'any text = $(X)'],
  ])('takes %s=%s', (name, value) => {
    expect(() => checkSettings({ [name]: value }, known)).not.toThrow();
  });

  it.each([
    [
      'NUMBER_DEVICE',
      '4',
      "there is no parameter NUMBER_DEVICE (did you mean 'NUMBER_DEVICES'?). There are: VERBOSITY,",
    ],
    ['toString', '4', 'there is no parameter toString'],
    ['VERBOSITY', 'high', 'VERBOSITY=high: has to be a whole number'],
    ['NUMBER_DEVICES', '-1', 'from 0 to 100000'],
    ['NUMBER_DEVICES', '100001', 'from 0 to 100000'],
    ['NUMBER_DEVICES', '', 'from 0 to 100000'],
    ['RESOURCE_NAME', 'gpu', 'is not of the form domain/name'],
    ['DEVICE_ID_PREFIX', 'd'.repeat(80), 'is 84 characters long; kubelets take at most 63'],
    ['DEVICE_ID_PREFIX', 'a b', 'not printable ASCII'],
    ['ENV_PREFIX', 'A=B', 'has a "="'],
    ['DEVICE_FILE_PREFIX', '../etc/passwd', 'the beginning of a path below /dev'],
    ['DEVICE_FILE_PREFIX', '/dev/x', 'the beginning of a path below /dev'],
    ['VALUE_STYLE', 'name', 'has to be index or id'],
  ])('refuses %s=%s', (name, value, message) => {
    expect(() => checkSettings({ [name]: value }, known)).toThrow(message);
  });
});

describe('ownImages()', () => {
  it('leaves out those of others, and what comes behind the name', () => {
    expect(ownImages([namespace, daemonSet, daemonSet])).toEqual([
      'kube-device-plugins/init',
      'kube-device-plugins/main',
    ]);
  });
});
