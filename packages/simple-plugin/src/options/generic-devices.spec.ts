// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { pathMember } from '../../test/path-rule.ts';
import { readResources, type Resources } from '../options.ts';
import { parseConfigDocument, rejectProblems } from '@kube-device-plugins/core/config';

async function read(text: string, domain = ''): Promise<Resources> {
  const document = await parseConfigDocument('x.yaml', text);
  const resources = readResources(document.root, '', domain);
  rejectProblems(document);
  return resources;
}

const member = (path: string) => pathMember({ path, permissions: 'mrw' });

describe('the format of generic-device-plugin', () => {
  it('has groups of paths with their defaults', async () => {
    const { hostResources } = await read(`
      devices:
        - name: serial
          groups:
            - paths: [{ path: /dev/ttyUSB* }]
            - paths: [{ path: ' /dev/ttyACM* ' }]
              count: 0
        - name: capture
          groups:
            - count: 10
              paths:
                - { path: /dev/snd/controlC1, mountPath: /dev/snd/controlC0, limit: 5, permissions: r, type: Device }
                - { path: /etc/asound.conf, type: Mount, readOnly: true, optional: true, limit: 0 }
    `);
    expect(hostResources).toEqual([
      {
        name: 'squat.ai/serial',
        devices: [
          { kind: 'path', paths: [member('/dev/ttyUSB*')], optional: true, count: 1 },
          { kind: 'path', paths: [member('/dev/ttyACM*')], optional: true, count: 1 },
        ],
      },
      {
        name: 'squat.ai/capture',
        devices: [
          {
            kind: 'path',
            paths: [
              { ...member('/dev/snd/controlC1'), mountPath: '/dev/snd/controlC0', limit: 5, permissions: 'r' },
              { ...member('/etc/asound.conf'), type: 'Mount', readOnly: true, optional: true },
            ],
            optional: true,
            count: 10,
          },
        ],
      },
    ]);
  });

  it.each(['usb', 'usbs'])('has groups of USB devices, which are one device together, as %s', async (key) => {
    const { hostResources } = await read(
      `devices: [{ name: x, groups: [{ ${key}: [{ vendor: "1A86", product: "0x753", serial: s }] }] }]`,
    );
    const usb = [{ vendor: '1a86', product: '0753', serial: 's', bus: undefined }];
    const rule = { kind: 'usb', usb, isOneDevice: true, nodes: ['usb'], permissions: 'rw', mountPath: '', count: 1 };
    expect(hostResources).toEqual([{ name: 'squat.ai/x', devices: [rule] }]);
  });

  it.each([
    ['domain: a.b\n', '', 'a.b/x'],
    ['domain: a.b\n', 'c.d', 'c.d/x'],
    ['listen: :8080\nlog-level: info\n', 'c.d', 'c.d/x'],
  ])('names resources by the domain of the file %j and of the flag %j', async (head, flag, name) => {
    const text = `${head}device: [{ name: x, groups: [{ paths: [{ path: /dev/x }] }] }]`;
    expect((await read(text, flag)).hostResources).toMatchObject([{ name }]);
  });

  it.each([
    ['devices: [{ name: x }]', 'x.yaml:1:11: devices[0].groups: has to be a list with at least one item'],
    ['devices: [{ name: x, groups: [{}] }]', 'devices[0].groups[0].paths: has to be a list with at least one item'],
    [
      'devices: [{ name: x, groups: [{ paths: [{ path: /dev/x }], usb: [{ vendor: "1", product: "2" }] }] }]',
      'devices[0].groups[0].usb: is not a key that is known here',
    ],
    [
      'devices: [{ name: x, groups: [{ usb: [{ vendor: 1209, product: "2" }] }] }]',
      'usb[0].vendor: has to be text; put it in quotes',
    ],
    [
      'devices: [{ name: x, groups: [{ paths: [{ path: /etc/x }] }] }]',
      'paths[0].path: "/etc/x" lies outside /dev; type: Mount is for what is no device node',
    ],
    [
      'devices: [{ name: x, groups: [{ paths: [{ path: /dev/x, optional: true }] }] }]',
      'groups[0].paths: has only optional paths',
    ],
    ['devices: [{ name: a/x, groups: [{ paths: [{ path: /dev/x }] }] }]', '"a/x" has a "/"'],
    [
      'domain: A\ndevices: [{ name: x, groups: [{ paths: [{ path: /dev/x }] }] }]',
      'x.yaml:1:9: domain: "A" as the domain of a resource has a domain that is not a DNS subdomain',
    ],
    [
      'resources: [{ name: squat.ai/x, devices: [{ path: /dev/x }] }]\ndevices: [{ name: x, groups: [{ paths: [{ path: /dev/x }] }] }]',
      'x.yaml:2:19: devices[0].name: "squat.ai/x" is already at resources[0].name',
    ],
  ])('refuses %j', async (text, message) => {
    await expect(read(text)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(message) as string,
    });
  });
});
