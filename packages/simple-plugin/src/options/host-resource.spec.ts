// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { pathMember, pathRule } from '../../test/path-rule.ts';
import { readResources, type Resources } from '../options.ts';
import { parseConfigDocument, rejectProblems } from '@kube-device-plugins/core/config';

async function read(text: string): Promise<Resources> {
  const document = await parseConfigDocument('x.yaml', text);
  const resources = readResources(document.root, '', '');
  rejectProblems(document);
  return resources;
}

describe('readHostResource()', () => {
  it('reads devices of several paths, by USB ids, and shares of them', async () => {
    const text = `
      resources:
        - name: a.b/c
          devices:
            - { path: /dev/a, mountPath: /dev/b, count: 3, optional: true }
            - paths: [{ path: /dev/a, limit: 2 }, { path: /etc/a, type: Mount, readOnly: true, optional: true }]
            - { usb: [{ vendor: 1A86, product: "753", bus: 2 }], nodes: [input, tty], mountPath: /dev/z, permissions: r }
    `;
    expect((await read(text)).hostResources[0]?.devices).toEqual([
      pathRule({ path: '/dev/a', mountPath: '/dev/b' }, { optional: true, count: 3 }),
      {
        ...pathRule({ path: '/dev/a' }),
        paths: [
          pathMember({ path: '/dev/a', limit: 2 }),
          pathMember({ path: '/etc/a', type: 'Mount', readOnly: true, optional: true }),
        ],
      },
      {
        kind: 'usb',
        usb: [{ vendor: '1a86', product: '0753', serial: '', bus: 2 }],
        isOneDevice: false,
        nodes: ['tty', 'input'],
        mountPath: '/dev/z',
        permissions: 'r',
        count: 1,
      },
    ]);
  });
});
