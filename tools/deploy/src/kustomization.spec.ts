// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { kustomizationOver } from './kustomization.ts';
import type { Manifest } from './manifest.ts';

const image = 'kube-device-plugins/simple-device-plugin';
const env = [
  { name: 'VERBOSITY', value: '0' },
  { name: 'ENV_PREFIX', value: '' },
];
const daemonSet: Manifest = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'simple-plugin' },
  spec: { template: { spec: { containers: [{ name: 'main', image: `${image}:0.1.0`, env }] } } },
};
const nothing = { namespace: undefined, registry: undefined, tag: undefined, parameters: {} };

describe('kustomizationOver()', () => {
  it('changes nothing that is not asked for', () => {
    expect(kustomizationOver('../base', [daemonSet], nothing)).toMatchObject({
      resources: ['../base'],
      images: [{ name: image }],
      patches: [],
    });
    expect(kustomizationOver('../base', [daemonSet], nothing)).not.toHaveProperty('namespace');
  });

  it.each(['registry.example.com:5000/plugins', 'registry.example.com:5000/plugins/'])(
    'takes images from %s',
    (registry) => {
      const { images } = kustomizationOver('../base', [daemonSet], { ...nothing, registry, tag: '2' });
      expect(images).toEqual([
        { name: image, newName: 'registry.example.com:5000/plugins/simple-device-plugin', newTag: '2' },
      ]);
    },
  );

  it('sets parameters as plain text', () => {
    const parameters = { ENV_PREFIX: '"\n$(NODE_NAME)' };
    const { namespace, patches } = kustomizationOver('../base', [daemonSet], {
      ...nothing,
      namespace: 'n',
      parameters,
    });
    expect(namespace).toBe('n');
    expect(patches).toHaveLength(1);
    const [{ target, patch } = { target: {}, patch: '' }] = patches ?? [];
    expect(target).toEqual({ kind: 'DaemonSet', name: 'simple-plugin' });
    expect(JSON.parse(patch)).toEqual([
      { op: 'replace', path: '/spec/template/spec/containers/0/env/1/value', value: '"\n$$(NODE_NAME)' },
    ]);
  });
});
