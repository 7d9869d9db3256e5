// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { containerResponse } from '../test/scripted-plugin.ts';
import type { Assignment } from './assignments.ts';
import { assignmentOf, type Checkpoint, encodeCheckpoint, entryOf, parseCheckpoint } from './checkpoint.ts';

const assignment: Assignment = {
  podUid: 'uid',
  container: 'app',
  resource: 'a.b/c',
  devices: new Map([
    ['two', [0, 1]],
    ['one', [1]],
    ['none', []],
  ]),
  response: containerResponse({ envs: { A: 'ä' } }),
};

describe('entryOf()', () => {
  it('files devices under their NUMA nodes', () => {
    expect(entryOf(assignment)).toEqual({
      PodUID: 'uid',
      ContainerName: 'app',
      ResourceName: 'a.b/c',
      DeviceIDs: { '-1': ['none'], '0': ['two'], '1': ['two', 'one'] },
      AllocResp: Buffer.from([10, 7, 10, 1, 65, 18, 2, 195, 164]).toString('base64'),
    });
  });

  it('is undone by assignmentOf()', () => {
    const restored = assignmentOf(entryOf(assignment));
    expect(restored).toEqual({ ...assignment, devices: expect.any(Map) as unknown });
    expect(Object.fromEntries(restored.devices)).toEqual(Object.fromEntries(assignment.devices));
  });
});

describe('parseCheckpoint()', () => {
  const text = fc.string({ unit: 'binary' });
  const ids = fc.dictionary(text, fc.array(text));
  const checkpoint = fc.record<Checkpoint>({
    PodDeviceEntries: fc.array(
      fc.record({ PodUID: text, ContainerName: text, ResourceName: text, DeviceIDs: ids, AllocResp: text }),
    ),
    RegisteredDevices: ids,
  });

  it('gives back what was encoded', () => {
    fc.assert(
      fc.property(checkpoint, (written) => {
        expect(JSON.stringify(parseCheckpoint(encodeCheckpoint(written)))).toBe(JSON.stringify(written));
      }),
    );
  });

  it('takes any text', () => {
    fc.assert(
      fc.property(fc.oneof(text, fc.json()), (anything) => {
        expect(parseCheckpoint(anything)).toBeUndefined();
      }),
    );
  });

  it('notices a changed character', () => {
    const written = encodeCheckpoint({
      PodDeviceEntries: [entryOf(assignment)],
      RegisteredDevices: { 'a.b/c': ['x'] },
    });
    expect(parseCheckpoint(written)).toBeDefined();
    expect(parseCheckpoint(written.replace('"x"', '"y"'))).toBeUndefined();
    expect(parseCheckpoint(written.slice(0, -1))).toBeUndefined();
  });

  const entry = entryOf(assignment);
  it.each([
    null,
    [],
    {},
    { PodDeviceEntries: [] },
    { PodDeviceEntries: {}, RegisteredDevices: {} },
    { PodDeviceEntries: [null], RegisteredDevices: {} },
    { PodDeviceEntries: [{ ...entry, PodUID: 1 }], RegisteredDevices: {} },
    { PodDeviceEntries: [{ ...entry, DeviceIDs: { 0: 'a' } }], RegisteredDevices: {} },
    { PodDeviceEntries: [{ ...entry, DeviceIDs: ['a'] }], RegisteredDevices: {} },
    { PodDeviceEntries: [], RegisteredDevices: { a: [1] } },
  ])('refuses other data, its checksum right or not: %j', (data) => {
    expect(parseCheckpoint(encodeCheckpoint(data as unknown as Checkpoint))).toBeUndefined();
  });
});
