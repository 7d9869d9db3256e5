// SPDX-License-Identifier: Apache-2.0
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  HostFixture,
  patientConformance,
  type ConformanceSubject,
  type FixtureTree,
  type Place,
} from '@kube-device-plugins/testkit';
import { cardTree, temperatureFile } from '@kube-device-plugins/gpu-plugin/fixtures';
import { describe, expect, it } from 'vitest';
import { nodeHost, resources } from './node-host.ts';

/** What the image runs: it starts in a third of the time of its sources, of which there are many starts here. */
const main = join(import.meta.dirname, '../../../dist/all/main.mjs');

/** Those that take long, or another host, and are examined with each plugin by itself. */
const elsewhere = ['ST-12', 'ST-13', 'ST-15', 'LI-09', 'LI-10', 'HE-08', 'HP-07', 'RS-11', 'RS-15', 'RB-08', 'RB-11'];
/** It prepares nothing before a container starts, and the GPUs have preferences; their shares are `card0-0` and `card0-1`. */
const notApplicable = ['PS', 'PA-06', 'AL-18'];
/** Where each plugin by itself is examined with commands and hooks of its own. */
const withMore = [
  ...['ST-14', 'ST-16', 'ST-18', 'ST-19', 'LI-11', 'HE-03', 'HE-07', 'HP-03', 'HP-06', 'HP-08'],
  ...['PA-08', 'RS-21', 'RB-09', 'RB-13', 'RB-14', 'RB-16'],
];

describe('all in one', () => {
  it('does what a good device plugin does, with the resources of two plugins', { timeout: 600_000 }, async () => {
    const skip = [...elsewhere, ...notApplicable, ...withMore];
    const { examined, problems } = await patientConformance([{ subject: subject(), options: { skip } }]);
    expect(problems).toEqual([]);
    expect(examined).toBeGreaterThan(75);
  });
});

function subject(): ConformanceSubject {
  const directories = ['-device-plugin-path', '{dir}', '-cdi-dir', '{cdi}', '-prefix', '{prefix}'];
  const common = ['-metrics-bind-address', '0', '-scan-period', '500ms', '-flags-dir', '{prefix}/etc'];
  const command = [process.execPath, main, ...directories, ...common] as const;
  return {
    command: [...command, '-plugins=gpu,qat'],
    fatalCommand: [...command, '-plugins=gpu,qatt'],
    env: {},
    resources: [resources.gpu, resources.qat],
    hooks: {
      prepare: async (place) => {
        await onHost(place).add({ ...nodeHost(), ...cardTree(2, cool), ...cardTree(3, cool), ...flagsFiles });
      },
      add: async (place, id) => {
        await onHost(place).add(cardTree(id === undefined ? 9 : cardOf(id), cool));
      },
      remove: async (place, id) => {
        for (const name of [`renderD${cardOf(id) + 128}`, `card${cardOf(id)}`])
          await onHost(place).remove(`dev/dri/${name}`);
      },
      fail: (place, id) => heat(place, id, 120),
      recover: (place, id) => heat(place, id, 40),
    },
  };
}

const cool = { celsius: 40 };

/** One bad reading is enough, as the limits of the clauses leave time for no more. */
const flagsFiles: FixtureTree = {
  'etc/gpu.flags':
    '-health-source=sysfs\n-health-bad-readings=1\n-health-good-readings=1\n-allocation-policy=balanced\n',
  'etc/qat.flags': '-allocation-policy=packed\n',
};

/** In one step, so that nobody reads half of it. */
async function heat({ prefix }: Place, id: string, celsius: number): Promise<void> {
  const sensor = join(prefix, temperatureFile(cardOf(id)));
  await writeFile(`${sensor}.new`, `${celsius * 1000}\n`);
  await rename(`${sensor}.new`, sensor);
}

/** `card2-0` is of card 2. */
function cardOf(id: string): number {
  return Number(/^card(\d+)-/.exec(id)?.[1]);
}

function onHost({ prefix }: Place): HostFixture {
  return new HostFixture(prefix);
}
