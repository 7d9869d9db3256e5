// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { allOnes, ce48, d842 } from '../../test/fixtures/fpga-host.ts';
import { fme, port, shape, snapshot } from '../../test/fixtures/fpga-snapshot.ts';
import { fpgaDeviceTree } from '../device-tree.ts';
import type { Fme, Port } from '../sysfs/fpga-snapshot.ts';
import { knownIds } from './fpga-ids.ts';
import { afResource } from './resource-names.ts';

const nlb0 = afResource(ce48, d842);

describe('fpgaDeviceTree(), where ids are not as they should be', () => {
  const zeros = '0'.repeat(32);
  const silent = 'is all ones: the hardware does not answer';

  it.each<[what: string, port: Partial<Port>, fme: Partial<Fme>, reason: string]>([
    ['an AFU id of all ones', { afuId: allOnes }, {}, `its AFU id ${silent}`],
    ['an AFU id of all zeros', { afuId: zeros }, {}, 'its AFU id is all zeros, which is the id of none'],
    ['no AFU id', { afuId: '' }, {}, 'its AFU id is empty: the driver names none'],
    ['no readable one', { afuId: '', idProblem: 'is not known: EBUSY' }, {}, 'its AFU id is not known: EBUSY'],
    ['an interface id of all ones', {}, { interfaceId: allOnes }, `its interface id ${silent}`],
    ['no interface id', {}, { interfaceId: '', idProblem: 'differs' }, 'its interface id differs'],
  ])('keeps a port where it was known, and says why it is unhealthy: %s', (_, ofPort, ofFme, healthReason) => {
    const well = snapshot([fme('dfl-fme.0')], [port('dfl-port.0', 'dfl-fme.0')]);
    const ill = snapshot([{ ...fme('dfl-fme.0'), ...ofFme }], [{ ...port('dfl-port.0', 'dfl-fme.0'), ...ofPort }]);
    const ids = knownIds(ill, knownIds(ill, knownIds(well, new Map())));
    const { tree, remarks } = fpgaDeviceTree(ill, 'af', { ids });
    expect([shape(tree), remarks]).toEqual([{ [nlb0]: { 'dfl-port.0': 'Unhealthy /dev/dfl-port.0' } }, []]);
    expect(tree.resources.get(nlb0)?.get('dfl-port.0')).toMatchObject({ healthReason });
    expect(shape(fpgaDeviceTree(well, 'af', { ids: knownIds(well, ids) }).tree)).toEqual({
      [nlb0]: { 'dfl-port.0': 'Healthy /dev/dfl-port.0' },
    });
  });

  it.each(['region', 'regiondevel'] as const)('keeps a region where it was known with mode %s', (mode) => {
    const ports = [port('dfl-port.0', 'dfl-fme.0')];
    const ids = knownIds(snapshot([fme('dfl-fme.0')], ports), new Map());
    const { tree } = fpgaDeviceTree(snapshot([fme('dfl-fme.0', allOnes)], ports), mode, { ids });
    expect([...tree.resources.keys()]).toEqual([`region-${ce48}`]);
    expect(tree.resources.get(`region-${ce48}`)?.get('dfl-fme.0')).toMatchObject({
      health: 'Unhealthy',
      healthReason: `its interface id ${silent}`,
    });
  });

  it('forgets the ids of what is gone', () => {
    const ids = knownIds(snapshot([fme('dfl-fme.0')], [port('dfl-port.0', 'dfl-fme.0')]), new Map());
    expect(ids.size).toBe(2);
    expect(knownIds(snapshot([], []), ids)).toEqual(new Map());
  });

  it.each(['region', 'regiondevel'] as const)(
    'takes a region for ill when none of its ports answers, with mode %s',
    (mode) => {
      const region = (...afuIds: string[]): unknown =>
        fpgaDeviceTree(
          snapshot(
            [fme('dfl-fme.0')],
            afuIds.map((afuId, number) => port(`dfl-port.${number}`, 'dfl-fme.0', afuId)),
          ),
          mode,
        )
          .tree.resources.get(`region-${ce48}`)
          ?.get('dfl-fme.0');
      expect(region(allOnes, allOnes)).toMatchObject({
        health: 'Unhealthy',
        healthReason: 'the AFU ids of all its ports are all ones: the hardware does not answer',
      });
      expect(region(allOnes, d842)).toMatchObject({ health: 'Healthy' });
      expect(region(allOnes, '')).toMatchObject({ health: 'Healthy' });
    },
  );

  it('takes a port for ill whose region does not answer', () => {
    const found = snapshot([fme('dfl-fme.0', allOnes)], [port('dfl-port.0', 'dfl-fme.0')]);
    expect(shape(fpgaDeviceTree(found, 'af').tree)).toEqual({
      [afResource(allOnes, d842)]: { 'dfl-port.0': 'Unhealthy /dev/dfl-port.0' },
    });
  });

  it('leaves out a port whose id was never known, with the one true reason', () => {
    const idProblem = 'is not known: EBUSY';
    const found = snapshot([fme('dfl-fme.0')], [{ ...port('dfl-port.0', 'dfl-fme.0', ''), idProblem }]);
    const reason = `its AFU id ${idProblem}`;
    const subject = 'dfl-port.0';
    expect(fpgaDeviceTree(found, 'af').remarks).toEqual([{ message: 'FPGA port is left out', subject, reason }]);
    expect(fpgaDeviceTree(found, 'region').remarks).toEqual([
      { message: 'the function of an FPGA port is not known', subject, reason, level: 'detail' },
    ]);
  });

  it.each([zeros, '0000'])('leaves out %s, which is the id of nothing', (id) => {
    const ofPort = snapshot([fme('dfl-fme.0')], [port('dfl-port.0', 'dfl-fme.0', id)]);
    const ofFme = snapshot([fme('dfl-fme.0', id)], [port('dfl-port.0', 'dfl-fme.0')]);
    for (const found of [ofPort, ofFme]) {
      const { tree, remarks } = fpgaDeviceTree(found, 'af');
      expect(tree.resources.size).toBe(0);
      expect(remarks).toMatchObject([
        { reason: expect.stringContaining('all zeros, which is the id of none') as unknown },
      ]);
    }
  });
});
