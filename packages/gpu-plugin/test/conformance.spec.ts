// SPDX-License-Identifier: Apache-2.0
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Budgets,
  conformance,
  type ConformanceOptions,
  type ConformanceSubject,
  HostFixture,
  type InventoryHooks,
  link,
  type Place,
} from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { bdfOf, behindLink, cardTree, gpuTree, temperatureFile, type FakeCard } from './fixtures/gpu-tree.ts';

/** What the image runs: it starts in a third of the time of its sources, of which there are a hundred starts here. */
const main = join(import.meta.dirname, '../../../dist/gpu-plugin/main.mjs');

/** Limits as the clauses have them but for a machine that does other things as well. */
const budgets: Partial<Budgets> = {
  registerMs: 20_000,
  firstListMs: 2_000,
  changeMs: 4_000,
  exitMs: 10_000,
  allocateMs: 1_000,
  idleMs: 2_000,
  stormMs: 5_000,
};

describe('gpu-plugin', () => {
  it('does what a good device plugin does', { timeout: 600_000 }, async () => {
    // Kept in step with the scan by health that needs one reading, as the limits of the clauses leave time for no more.
    const flags = ['-health-source', 'sysfs', '-health-bad-readings', '1', '-health-good-readings', '1'];
    const preference = ['-allocation-policy', 'balanced'];
    await expectConformance(
      subject([...flags, ...preference], usual),
      { skip: [...notApplicable, ...onlyOfCore, 'LI-09', 'LI-10', 'ST-12'] },
      80,
    );
  });

  // By itself, for it measures pauses.
  it('leaves growing pauses between tries to register', { timeout: 120_000 }, async () => {
    await expectConformance(subject([], usual), { only: ['ST-12'] }, 1);
  });

  it('lists 10,000 devices', { timeout: 60_000 }, async () => {
    await expectConformance(subject(['-shared-dev-num', '1000'], { populate }), { only: ['LI-09'] }, 1);
  });

  it('says when a list is too large', { timeout: 60_000 }, async () => {
    await expectConformance(subject(['-shared-dev-num', '100000'], { overfill }), { only: ['LI-10'] }, 1);
  });
});

/** It prepares nothing before a container starts, always has preferences, and its shares are `card0-0` and `card0-1`, not `card0::0`. */
const notApplicable = ['PS-01', 'PS-02', 'PS-03', 'PA-06', 'AL-18'];

/** What a plugin should do and need not, where nothing but the core has a part in it: simple-plugin is examined for it. */
const onlyOfCore = ['ST-04', 'LI-04', 'LI-07', 'AL-12', 'AL-20', 'RS-18', 'RS-19', 'SD-08', 'RB-08', 'RB-11'];

async function expectConformance(
  subject: ConformanceSubject,
  options: ConformanceOptions,
  least: number,
): Promise<void> {
  const results = await conformance(subject, { budgets, concurrency: 4, ...options });
  const problems = results.filter(({ outcome }) => outcome !== 'passed');
  expect(problems.map(({ id, outcome, detail }) => `${id} ${outcome}: ${detail}`)).toEqual([]);
  expect(results.length).toBeGreaterThanOrEqual(least);
}

function subject(flags: readonly string[], hooks: InventoryHooks): ConformanceSubject {
  const directories = ['-device-plugin-path', '{dir}', '-cdi-dir', '{cdi}', '-prefix', '{prefix}'];
  const command = [
    process.execPath,
    main,
    ...directories,
    '-metrics-bind-address',
    '0',
    '-scan-period',
    '500ms',
  ] as const;
  return {
    command: [...command, ...flags],
    fatalCommand: [...command, ...flags, '-allow-ids', 'none'],
    env: {},
    resources: ['gpu.intel.com/i915', 'gpu.intel.com/xe'],
    hooks,
  };
}

const usual: InventoryHooks = {
  prepare: async (place) => {
    const tree = gpuTree({ 0: cool, 1: cool, 2: cool, 3: cool, 4: { ...cool, driver: 'xe' } });
    await onHost(place).add({ ...behindLink(tree), 'sys/class/drm': link('drm.real') });
  },
  // The nodes come last, and a card without them is not there.
  add: async (place, id) => {
    await onHost(place).add(behindLink(cardTree(id === undefined ? 9 : numberOf(id), cool)));
  },
  remove: async (place, id) => {
    const number = numberOf(id);
    for (const name of [`renderD${number + 128}`, `card${number}`]) await onHost(place).remove(`dev/dri/${name}`);
  },
  fail: async (place, id) => {
    await heat(place, id, 120);
  },
  recover: async (place, id) => {
    await heat(place, id, 40);
  },
  // A vendor that is no file.
  breakProbe: async ({ prefix }, id) => {
    const vendor = join(prefix, `sys/devices/pci0000:00/${bdfOf(numberOf(id))}/vendor`);
    await rm(vendor);
    await mkdir(vendor);
  },
  // A link to itself, put there in one step.
  breakScan: async ({ prefix }) => {
    await symlink('drm', join(prefix, 'sys/class/drm.new'));
    await rename(join(prefix, 'sys/class/drm.new'), join(prefix, 'sys/class/drm'));
  },
};

const cool: FakeCard = { celsius: 40 };

/** In one step, so that nobody reads half of it. */
async function heat({ prefix }: Place, id: string, celsius: number): Promise<void> {
  const sensor = join(prefix, temperatureFile(numberOf(id)));
  await writeFile(`${sensor}.new`, `${celsius * 1000}\n`);
  await rename(`${sensor}.new`, sensor);
}

async function populate(place: Place, count: number): Promise<void> {
  await onHost(place).add(
    gpuTree(Object.fromEntries(Array.from({ length: count / 1000 }, (_, number) => [number, {}]))),
  );
}

async function overfill(place: Place): Promise<void> {
  await onHost(place).add(gpuTree({ 0: {}, 1: {}, 2: {} }));
}

/** `card2-0` is of card 2. */
function numberOf(id: string): number {
  return Number(/^card(\d+)-/.exec(id)?.[1]);
}

function onHost({ prefix }: Place): HostFixture {
  return new HostFixture(prefix);
}
