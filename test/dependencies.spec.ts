// SPDX-License-Identifier: Apache-2.0
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const kinds = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;

type Manifest = Partial<Record<(typeof kinds)[number], Readonly<Record<string, string>>>>;

describe('docs/dependencies.md', () => {
  let declared: readonly string[];
  let rows: readonly (readonly string[])[];

  beforeAll(async () => {
    declared = await declaredDependencies();
    const text = await readFile(join(root, 'docs/dependencies.md'), 'utf8');
    rows = text
      .split('\n')
      .filter((line) => /^\| (?!Package |-)/.test(line))
      .map((line) =>
        line
          .split('|')
          .map((cell) => cell.trim())
          .slice(1, -1),
      );
  });

  it('has a row for each dependency of a package.json, with its version, and no other', () => {
    expect(rows.map(([name, version]) => `${name ?? ''} ${version ?? ''}`).sort()).toEqual(declared);
  });

  it('names the licence that the lock file names', async () => {
    const { packages } = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { license?: string }>;
    };
    for (const [name = '', , licence] of rows) expect(licence, name).toBe(packages[`node_modules/${name}`]?.license);
  });

  it('gives a size and a reason for each', () => {
    for (const [name, , , size, reason] of rows) {
      expect(size, name).toMatch(/^\d+(\.\d)? [kM]B$/);
      expect(reason, name).not.toBe('');
    }
  });
});

/** `name version` of everything that is not our own, sorted; a version that differs between packages makes two lines. */
async function declaredDependencies(): Promise<string[]> {
  const found = new Set<string>();
  for await (const path of glob(['package.json', 'packages/*/package.json', 'tools/*/package.json'], { cwd: root })) {
    const manifest = JSON.parse(await readFile(join(root, path), 'utf8')) as Manifest;
    for (const kind of kinds) {
      for (const [name, version] of Object.entries(manifest[kind] ?? {})) {
        if (!name.startsWith('@kube-device-plugins/')) found.add(`${name} ${version}`);
      }
    }
  }
  return [...found].sort();
}
