// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

interface Workflow {
  readonly permissions?: object;
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly needs?: readonly string[];
  readonly 'timeout-minutes'?: number;
  readonly steps: readonly { readonly uses?: string; readonly run?: string; readonly with?: object }[];
}

describe.each(globSync('.github/workflows/*.y{a,}ml', { cwd: root }))('%s', (file) => {
  const text = read(file);
  const { permissions, jobs } = parse(text) as Workflow;
  const steps = Object.values(jobs).flatMap((job) => job.steps);
  const lines = steps.flatMap(({ run = '' }) => run.split('\n')).filter((line) => line !== '');

  it('gives nobody a right but those it names: to read, and to publish where a release is', () => {
    expect(permissions).toEqual({});
    for (const [name, job] of Object.entries(jobs)) {
      const more = name === 'publish' ? { packages: 'write' } : {};
      expect(job.permissions, name).toEqual({ contents: 'read', ...more });
      expect(job['timeout-minutes'], name).toBeGreaterThan(0);
    }
  });

  it('publishes only what has passed', () => {
    const others = Object.keys(jobs).filter((name) => name !== 'publish');
    expect(jobs['publish']?.needs).toEqual(others);
  });

  it('pins each action to a commit, and says which version that is', () => {
    const used = [...text.matchAll(/uses: (.*)$/gm)].map(([, action = '']) => action);
    expect(new Set(used).size).toBeGreaterThan(3);
    for (const action of used) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    const actions = new Set(used.map((action) => action.split('@')[0]));
    // One version of each.
    expect(new Set(used).size).toBe(actions.size);
  });

  it('keeps no credentials in the checkout, and puts nothing from outside into a script', () => {
    for (const step of steps.filter(({ uses = '' }) => uses.startsWith('actions/checkout@'))) {
      expect(step.with).toMatchObject({ 'persist-credentials': false });
    }
    expect(lines.filter((line) => line.includes('${{'))).toEqual([]);
  });

  it('runs what there is', () => {
    const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
    for (const line of lines) {
      const [, script] = /npm run ([\w:-]+)/.exec(line) ?? [];
      if (script !== undefined) expect(Object.keys(scripts), line).toContain(script);
      const [, path] = /(?:bash|--file) (\S+)/.exec(line) ?? [];
      if (path !== undefined) expect(existsSync(join(root, path)), line).toBe(true);
    }
    expect(lines.join('\n')).toMatch(/bash \.ci\/run(.|\n)*docker buildx bake(.|\n)*npm run e2e/);
  });

  it.each(
    lines.flatMap((line) =>
      [...line.matchAll(/npm run ([\w:-]+) -- (.*)$/g)].map(([, script, args]) => [script, args]),
    ),
  )('gives npm run %s options that it has: %s', { timeout: 60_000 }, (script = '', args = '') => {
    const main = join(root, 'tools', script, 'src/main.ts');
    const { stdout } = spawnSync(process.execPath, [main, '--help'], { encoding: 'utf8', cwd: root });
    for (const [option] of args.matchAll(/--[\w-]+/g)) expect(stdout).toContain(option);
  });

  it('builds images with a bill of materials and a provenance', () => {
    const builds = lines.filter((line) => line.includes('docker buildx bake'));
    expect(builds).toHaveLength(2);
    for (const line of builds) expect(line).toMatch(/--sbom=true --provenance=mode=max/);
    expect(read('build/docker/docker-bake.hcl')).toMatch(/platforms *= \["linux\/amd64", "linux\/arm64"\]/);
  });
});
