// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cdiSpecProblem } from './cdi-spec-problem.ts';
import { type Clause, expect, Skipped } from './clause.ts';
import { PluginCallError } from '../grpc/plugin-call-error.ts';

/** What a plugin that gives CDI devices owes. */
export const cdiAllocation: readonly Clause[] = [
  {
    id: 'AL-16',
    level: 'must',
    title: 'names CDI devices in full, and has their specs in place before it answers',
    shares: true,
    async check({ stage }) {
      using caller = await stage.caller();
      const names = (await caller.allocate(stage.ids(1))).flatMap(({ cdiDevices }) =>
        cdiDevices.map(({ name }) => name),
      );
      if (names.length === 0) throw new Skipped('needs a plugin that gives CDI devices');
      const specs = await readSpecs(stage.place.cdi);
      for (const name of names) {
        expect(
          /^[\w.-]+\/[\w.-]+=[\w.:-]+$/.test(name),
          `${JSON.stringify(name)} is not of the form vendor/class=device`,
        );
        const problems = specs.map((spec) => cdiSpecProblem(spec, name));
        expect(
          problems.includes(undefined),
          `${name} is in no spec: ${problems.join('; ') || `${stage.place.cdi} is empty`}`,
        );
      }
      return names.join(', ');
    },
  },
  {
    id: 'AL-17',
    level: 'must',
    title: 'fails Allocate when it cannot write the CDI spec',
    async check({ stage, subject }) {
      if (!subject.command.some((word) => word.includes('{cdi}'))) throw new Skipped('needs {cdi} in the command');
      // Nobody, root neither, makes a file in what is no directory.
      await writeFile(stage.place.cdi, '');
      await stage.begin();
      using caller = await stage.caller();
      try {
        const [response] = await caller.allocate(stage.ids(1));
        if (response?.cdiDevices.length === 0) throw new Skipped('needs a plugin that gives CDI devices');
        expect(false, `gives ${JSON.stringify(response?.cdiDevices)}, which no runtime can find`);
      } catch (error) {
        if (!(error instanceof PluginCallError)) throw error;
        return error.message;
      }
      return undefined;
    },
  },
];

async function readSpecs(dir: string): Promise<string[]> {
  const names = (await readdir(dir).catch(() => [])).filter((name) => /\.(json|yaml)$/.test(name));
  return await Promise.all(names.map(async (name) => await readFile(join(dir, name), 'utf8')));
}
