// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { deviceGenerations } from './device-generations.ts';

describe('deviceGenerations', () => {
  it.each([
    ['DH895xCC', '0435', '0443', 'dh895xcc', 'dh895xccvf', false],
    ['DH895xCC, first stepping', '0434', '0442', 'dh895xcc', 'dh895xccvf', false],
    ['C62x', '37c8', '37c9', 'c6xx', 'c6xxvf', false],
    ['C3xxx', '19e2', '19e3', 'c3xxx', 'c3xxxvf', false],
    ['D15xx', '6f54', '6f55', 'd15xx', 'd15xxvf', false],
    ['C4xxx', '18a0', '18a1', 'c4xxx', 'c4xxxvf', false],
    ['4xxx', '4940', '4941', '4xxx', '4xxxvf', true],
    ['401xx', '4942', '4943', '4xxx', '4xxxvf', true],
    ['402xx', '4944', '4945', '4xxx', '4xxxvf', true],
    ['420xx', '4946', '4947', '420xx', '420xxvf', true],
    ['6xxx', '4948', '4949', '6xxx', '6xxxvf', true],
  ])('has %s', (_, pfId, vfId, pfDriver, vfDriver, hasServices) => {
    const generation = deviceGenerations.filter(({ pfIds }) => pfIds.includes(pfId));
    expect(generation).toMatchObject([{ pfDriver, vfDriver, hasServices }]);
    expect(deviceGenerations.filter(({ vfIds }) => vfIds.includes(vfId))).toEqual(generation);
  });

  it('has no id and no driver twice', () => {
    const names = deviceGenerations.flatMap(({ pfIds, vfIds, pfDriver }) => [...pfIds, ...vfIds, pfDriver]);
    expect(new Set(names)).toHaveLength(names.length);
  });
});
