// SPDX-License-Identifier: Apache-2.0
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Budgets, conformance, type ConformanceSubject, type Place } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';

/** What the image runs: it starts in a third of the time of its sources, of which there are a hundred starts here. */
const main = join(import.meta.dirname, '../../../dist/simple-plugin/main.mjs');
const resources = ['example.com/red', 'example.com/blue'] as const;

/** Limits as the clauses have them but for a machine that does other things as well. */
const budgets: Partial<Budgets> = {
  registerMs: 10_000,
  firstListMs: 2_000,
  changeMs: 4_000,
  exitMs: 10_000,
  allocateMs: 1_000,
  idleMs: 2_000,
};

describe('simple-plugin', () => {
  it('does what a good device plugin does', { timeout: 300_000 }, async () => {
    const results = await conformance(subject(), { budgets, concurrency: 4, skip: notApplicable });
    const problems = results.filter(({ outcome }) => outcome !== 'passed');
    expect(problems.map(({ id, outcome, detail }) => `${id} ${outcome}: ${detail}`)).toEqual([]);
    expect(results.length).toBeGreaterThan(80);
  });
});

/** It gives no CDI devices, has preferences and prepares nothing. */
const notApplicable = ['AL-16', 'AL-17', 'PA-06', 'PS-01', 'PS-02', 'PS-03'];

function subject(): ConformanceSubject {
  const directories = ['-device-plugin-path', '{dir}', '-cdi-dir', '{cdi}', '-prefix', '{prefix}'];
  const command = [process.execPath, main, ...directories, '-metrics-bind-address', '0', '-scan-period', '1s'] as const;
  return {
    command: [...command, '-config', '{inventory}'],
    fatalCommand: [...command, '-config', '{inventory}.missing'],
    env: {},
    resources,
    hooks: {
      prepare: async (place) => await write(place, first),
      populate: async (place, count) => await simulate(place, count, 'many'),
      overfill: async (place) => await simulate(place, 100_000, 'p'.repeat(50)),
      add: async (place, id) => await change(place, (ids) => [...ids, id ?? 'kdp9']),
      remove: async (place, id) => await change(place, (ids) => ids.filter((other) => other !== nodeOf(id))),
      fail: async ({ prefix }, id) => await rm(join(prefix, 'dev', nodeOf(id))),
      recover: async ({ prefix }, id) => await plug(prefix, nodeOf(id)),
      breakProbe: async ({ prefix }, id) => {
        await rm(join(prefix, 'dev', nodeOf(id)));
        await mkdir(join(prefix, 'dev', nodeOf(id)));
      },
      breakScan: async ({ inventory }) => await writeFile(inventory, 'resources: ['),
    },
  };
}

const first = ['kdp0', 'kdp1', 'kdp2'];
const shared = 'shared';
/** The nodes of each place: that of a configuration is what is in it. */
const nodes = new Map<string, readonly string[]>();

/** Shares of a device, such as `shared::0`, are of one node. */
function nodeOf(id: string): string {
  return id.split('::')[0] ?? id;
}

async function change(place: Place, to: (ids: readonly string[]) => readonly string[]): Promise<void> {
  await write(place, [...new Set(to(nodes.get(place.inventory) ?? [...first, shared]))]);
}

/** The devices of the first resource. */
async function write(place: Place, ids: readonly string[]): Promise<void> {
  const all = nodes.has(place.inventory) ? ids : [...ids, shared];
  nodes.set(place.inventory, all);
  for (const id of [...all, 'blue']) await plug(place.prefix, id);
  const devices = all.map((id) => ({ path: `/dev/${id}`, ...(id === shared && { count: 2 }) }));
  const [red, blue] = resources;
  await replace(
    place.inventory,
    JSON.stringify({
      resources: [
        { name: red, devices: devices.length > 0 ? devices : [{ path: '/dev/nothing*' }] },
        { name: blue, devices: [{ path: '/dev/blue' }] },
      ],
    }),
  );
}

async function simulate({ inventory }: Place, count: number, prefix: string): Promise<void> {
  const [resourceName] = resources;
  await replace(inventory, JSON.stringify({ resourceName, numberDevicesOnNode: count, deviceIDPrefix: prefix }));
}

async function plug(prefix: string, name: string): Promise<void> {
  const path = join(prefix, 'dev', name);
  await mkdir(dirname(path), { recursive: true });
  await replace(path, 'c 1:3');
}

/** In one step, so that nobody reads half of it. */
async function replace(path: string, content: string): Promise<void> {
  await writeFile(`${path}.new`, content);
  await rename(`${path}.new`, path);
}
