// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { readResources } from './options.ts';
import { parseConfigDocument, rejectProblems } from '@kube-device-plugins/core/config';

async function messageFor(text: string): Promise<string> {
  try {
    const document = await parseConfigDocument('x.yaml', text);
    readResources(document.root, '', '');
    rejectProblems(document);
  } catch (error) {
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
    return error instanceof Error ? withoutColumns(error.message) : '';
  }
  return 'nothing is wrong';
}

describe('readResources()', () => {
  it.each([
    ['', 'x.yaml:1: is empty'],
    ['# nothing\n', 'x.yaml:1: is empty'],
    ['{}', 'x.yaml:1: names no resource'],
    ['- a', 'x.yaml:1: has to be a mapping with the keys resources, simulated, devices, device, domain, listen'],
    ['text', 'x.yaml:1: has to be a mapping'],
    ['resourcename: a/b', 'x.yaml:1: resourcename: is not a key that is known here'],
    ['resources:', 'x.yaml:1: resources: has to be a list with at least one item'],
    ['resources: []', 'x.yaml:1: resources: has to be a list with at least one item'],
    ['resources: [a]', 'x.yaml:1: resources[0]: has to be a mapping with the keys name, devices'],
    ['simulated: [a]', 'x.yaml:1: simulated[0]: has to be a mapping'],
    ['simulated: [{}]\nresourceName: a.b/c', 'x.yaml:2: resourceName: is not a key that is known here'],
    ['resources: [{devices: [{path: /dev/a}]}]', 'x.yaml:1: resources[0].name: is missing'],
    ['resources: [{name: a.b/c}]', 'x.yaml:1: resources[0].devices: has to be a list'],
    ['resources: [{name: a.b/c, devices: [/dev/a]}]', 'x.yaml:1: resources[0].devices[0]: has to be a mapping'],
    ['resources: [{name: a.b/c, devices: [{}]}]', 'x.yaml:1: resources[0].devices[0].path: is missing'],
    ['resources: [{name: a.b/c, devices: [{path: /dev/a, mode: r}]}]', 'resources[0].devices[0].mode: is not a key'],
    [
      'resources: [{name: a.b/c, devices: [{path: /etc/a}]}]',
      'resources[0].devices[0].path: "/etc/a" lies outside /dev',
    ],
    [
      'resources: [{name: a.b/c, devices: [{path: /dev/a}, {path: /dev/a}]}]',
      'resources[0].devices[1].path: "/dev/a" is already at resources[0].devices[0].path',
    ],
    [
      'resources: [{name: a.b/c, devices: [{path: /dev/a, permissions: ""}]}]',
      '"" has to be one or more of the letters r, w and m',
    ],
    [
      'resources: [{name: a.b/c, devices: [{path: /dev/a, permissions: rr}]}]',
      '"rr" has to be one or more of the letters',
    ],
    [
      'resources: [{name: a.b/c, devices: [{path: /dev/a, permissions: rwx}]}]',
      '"rwx" has to be one or more of the letters',
    ],
    ['resourceName: 3', 'x.yaml:1: resourceName: has to be text; put it in quotes'],
    ['numberDevicesOnNode: -1', 'x.yaml:1: numberDevicesOnNode: has to be a whole number from 0 to 100000'],
    ['numberDevicesOnNode: "2"', 'x.yaml:1: numberDevicesOnNode: has to be a whole number'],
    ['deviceIDPrefix: a b', 'which has a character that is not printable ASCII, or a space'],
    ['a: [', 'x.yaml:1: '],
  ])('refuses %j', async (text, message) => {
    expect(await messageFor(text)).toContain(message);
  });

  it('names all that is wrong at once, each on its line', async () => {
    const text = `
resources:
  - name: fuse
    devices:
      - path: /dev/../etc/shadow
        permissions: rx
simulated:
  - resourceName: example.com/red
  - resourceName: example.com/red
    numberDevicesOnNode: many
`;
    expect((await messageFor(text)).split('\n')).toEqual([
      'x.yaml:9: simulated[1].resourceName: "example.com/red" is already at simulated[0].resourceName',
      'x.yaml:3: resources[0].name: "fuse" is not of the form domain/name',
      'x.yaml:5: resources[0].devices[0].path: "/dev/../etc/shadow" has an empty, "." or ".." part',
      'x.yaml:6: resources[0].devices[0].permissions: "rx" has to be one or more of the letters r, w and m, each once',
      'x.yaml:10: simulated[1].numberDevicesOnNode: has to be a whole number from 0 to 100000',
    ]);
  });

  it('refuses a resource that is both on the host and simulated', async () => {
    const text = 'resources: [{name: a.b/c, devices: [{path: /dev/a}]}]\nsimulated: [{resourceName: a.b/c}]';
    expect(await messageFor(text)).toBe('x.yaml:2: simulated[0].resourceName: "a.b/c" is already at resources[0].name');
  });
});

/** Where in a line something stands is the business of who reads YAML. */
function withoutColumns(message: string): string {
  return message.replaceAll(/^(x\.yaml:\d+):\d+/gm, '$1');
}
