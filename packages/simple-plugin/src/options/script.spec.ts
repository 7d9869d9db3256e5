// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { readResources, type Resources } from '../options.ts';
import { parseConfigDocument, rejectProblems } from '@kube-device-plugins/core/config';

async function read(text: string): Promise<Resources> {
  const document = await parseConfigDocument('x.yaml', text);
  const resources = readResources(document.root, '', '');
  rejectProblems(document);
  return resources;
}

describe('readScriptStep()', () => {
  it('reads scripts', async () => {
    const text = `
      resourceName: a.b/red
      script:
        - { at: 5s, fail: [0, 2], reason: overheated }
        - { at: 1m, recover: all }
        - { signal: 1, at: 2s, flap: [1], hz: 10, for: 1.5s }
        - { signal: 2, flap: all, for: 1s }
        - { remove: [1] }
        - { at: 1s, add: [1] }
        - { slowAllocate: 250ms }
    `;
    const { simulatedResources } = await read(text);
    expect(simulatedResources[0]?.script).toEqual([
      { atMs: 5_000, signal: 0, action: { kind: 'fail', devices: [0, 2], reason: 'overheated' } },
      { atMs: 60_000, signal: 0, action: { kind: 'recover', devices: 'all' } },
      { atMs: 2_000, signal: 1, action: { kind: 'flap', devices: [1], hz: 10, forMs: 1_500 } },
      { atMs: 0, signal: 2, action: { kind: 'flap', devices: 'all', hz: 1, forMs: 1_000 } },
      { atMs: 0, signal: 0, action: { kind: 'remove', devices: [1] } },
      { atMs: 1_000, signal: 0, action: { kind: 'add', devices: [1] } },
      { atMs: 0, signal: 0, action: { kind: 'slowAllocate', delayMs: 250 } },
    ]);
  });

  it.each([
    ['{ fail: [] }', 'script[0].fail: has to be text; put it in quotes, or a list with at least one item'],
    ['{ fail: some }', 'script[0].fail: "some" has to be all, or a list of numbers'],
    ['{ fail: all, at: 5 }', 'script[0].at: has to be text; put it in quotes'],
    ['{ fail: all, at: 5 s }', 'script[0].at: "5 s" is no duration such as 5s or 1m30s'],
    ['{ fail: all, at: -5s }', 'script[0].at: "-5s" is not from 0s to 168h'],
    ['{ flap: all }', 'script[0].for: is missing'],
    ['{ fail: all, hz: 3 }', 'script[0].hz: is not a key that is known here'],
    ['{ signal: 0, fail: all }', 'script[0].signal: has to be a whole number from 1 to 1000'],
    ['{ at: 5s }', 'script[0].add: '],
    ['{ add: [99999] }', "and the node's name (NODE_NAME) make the device id"],
  ])('refuses the step %s', async (step, message) => {
    const text = `deviceIDPrefix: ${'x'.repeat(58)}\nnumberDevicesOnNode: 1\nscript: [${step}]`;
    await expect(read(text)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(message) as string,
    });
  });
});
