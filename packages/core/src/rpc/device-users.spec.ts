// SPDX-License-Identifier: Apache-2.0
import { podresources } from '@kube-device-plugins/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeDeviceUsers, readDeviceUsers } from './device-users.ts';

const none = { cpuIds: [], memory: [] };

function container(name: string, ...devices: readonly (readonly [resource: string, ...ids: string[]])[]) {
  const held = devices.map(([resourceName, ...deviceIds]) => ({
    resourceName,
    deviceIds,
    topology: { nodes: [{ ID: 1 }] },
  }));
  return { ...none, name, devices: held, cpuIds: [1, 2], dynamicResources: [] };
}

function encoded(podResources: podresources.PodResources[]): Uint8Array {
  return podresources.ListPodResourcesResponse.encode({ podResources }).finish();
}

describe('decodeDeviceUsers()', () => {
  it('says which containers have which devices', () => {
    const bytes = encoded([
      {
        ...none,
        name: 'p',
        namespace: 'ns',
        containers: [container('c', ['a/b', 'x', 'y'], ['a/c', 'x']), container('d')],
      },
      { ...none, name: 'q', namespace: 'ns', containers: [container('c', ['a/b', 'y'])], cpuIds: [300] },
    ]);
    const user = (pod: string) => ({ namespace: 'ns', pod, container: 'c' });
    expect(decodeDeviceUsers(bytes)).toEqual(
      new Map([
        [
          'a/b',
          new Map([
            ['x', [user('p')]],
            ['y', [user('p'), user('q')]],
          ]),
        ],
        ['a/c', new Map([['x', [user('p')]]])],
      ]),
    );
  });

  it('reads whatever names there are, as another reader does', () => {
    const name = fc.string({ unit: 'grapheme', maxLength: 12 });
    fc.assert(
      fc.property(name, name, name, name, name, (pod, namespace, of, resource, id) => {
        const bytes = encoded([{ ...none, name: pod, namespace, containers: [container(of, [resource, id])] }]);
        expect(decodeDeviceUsers(bytes)).toEqual(
          new Map([[resource, new Map([[id, [{ namespace, pod, container: of }]]])]]),
        );
      }),
    );
  });

  it('reads or refuses any bytes, and does nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          expect(decodeDeviceUsers(bytes)).toBeInstanceOf(Map);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('readDeviceUsers()', () => {
  it('says that the kubelet is not there', async () => {
    await expect(readDeviceUsers('/nowhere/kubelet.sock', new AbortController().signal)).rejects.toMatchObject({
      code: 'RPC_FAILED',
    });
  });
});
