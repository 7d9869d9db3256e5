// SPDX-License-Identifier: Apache-2.0
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { checklist } from './checklist.ts';
import { failed, passed, type Finding, type Item } from './finding.ts';
import { formatRows } from './format-rows.ts';
import { items } from './items.ts';

let root = '';

/** A workspace whose tools do what these lines of JavaScript say. */
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kdp-'));
  mkdirSync(join(root, 'packages/npu-plugin'), { recursive: true });
  write('bin/kustomize', '#!/bin/sh\nexit 0\n');
  for (const name of ['docker', 'podman', 'buildah']) write(`bin/${name}`, '#!/bin/sh\nexit 1\n');
  vi.stubEnv('PATH', `${join(root, 'bin')}:${process.env['PATH'] ?? ''}`);
  vi.stubEnv('KUSTOMIZE', '');
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  chmodSync(join(root, path), 0o755);
}

/** A vitest that reports these tests, and this coverage. */
function vitestReports(tests: Readonly<Record<string, 'passed' | 'failed'>>, coverage = 100): void {
  const assertionResults = Object.entries(tests).map(([fullName, status]) => ({ fullName, status }));
  const report = JSON.stringify({ testResults: [{ name: 'x.spec.ts', status: 'passed', assertionResults }] });
  const summary = JSON.stringify({ total: { lines: { pct: coverage } } });
  write(
    'node_modules/.bin/vitest',
    `const { mkdirSync, writeFileSync } = require('node:fs');
     const value = (name) => process.argv.find((arg) => arg.startsWith(name + '='))?.split('=')[1];
     writeFileSync(value('--outputFile'), ${JSON.stringify(report)});
     const directory = value('--coverage.reportsDirectory');
     if (directory) mkdirSync(directory), writeFileSync(directory + '/coverage-summary.json', ${JSON.stringify(summary)});`,
  );
}

async function findingOf(name: string): Promise<Finding> {
  const chosen = items.filter((item) => item.name === name);
  const [row] = await checklist({ root, plugin: 'npu-plugin', items: chosen, skip: [], progress: () => undefined });
  return { outcome: row?.outcome ?? 'failed', detail: row?.detail ?? '' };
}

describe('the build', () => {
  it.each([
    ["require('node:fs').writeFileSync('dist/npu-plugin/main.mjs', '')", passed('dist/npu-plugin/main.mjs')],
    ["console.log('> nx run x'); console.error('syntax error'); process.exit(1)", failed('syntax error')],
    ['', failed('there is no dist/npu-plugin/main.mjs after it')],
  ])('with %s', async (program, finding) => {
    mkdirSync(join(root, 'dist/npu-plugin'), { recursive: true });
    write('node_modules/.bin/nx', program);
    expect(await findingOf('build')).toEqual(finding);
  });
});

describe('the image', () => {
  it('is not checked where nothing can build it', async () => {
    const detail = 'no builder: none of docker, podman, buildah works here';
    expect(await findingOf('image')).toEqual({ outcome: 'not checked', detail });
  });

  it('is built by the first builder that works', async () => {
    write('bin/buildah', '#!/bin/sh\nexit 0\n');
    write('node_modules/.bin/nx', `process.exit(process.argv.includes('--builder=buildah') ? 0 : 1)`);
    expect(await findingOf('image')).toEqual(passed('by buildah'));
  });

  it('fails with what the builder said', async () => {
    write('bin/podman', '#!/bin/sh\nexit 0\n');
    write('node_modules/.bin/nx', `console.error('no space left'); process.exit(1)`);
    expect(await findingOf('image')).toEqual(failed('no space left'));
  });
});

describe('the manifests', () => {
  it('render with all overlays', async () => {
    for (const folder of ['.', 'overlays/a', 'overlays/b'])
      write(`deployments/npu-plugin/${folder}/kustomization.yaml`, '');
    expect(await findingOf('manifests')).toEqual(passed('3 by kustomize build'));
  });

  it('fail with the name of the one that does not render', async () => {
    write('deployments/npu-plugin/kustomization.yaml', '');
    write('deployments/npu-plugin/overlays/a/kustomization.yaml', '');
    write('bin/mine', '#!/bin/sh\necho no such resource >&2\n[ "$2" = . ]\n');
    vi.stubEnv('KUSTOMIZE', join(root, 'bin/mine'));
    expect(await findingOf('manifests')).toEqual(failed('overlays/a: no such resource'));
  });

  it('fail when there are none', async () => {
    expect(await findingOf('manifests')).toEqual(failed('there is no deployments/npu-plugin/kustomization.yaml'));
  });

  it('are not checked without a program that renders', async () => {
    write('deployments/npu-plugin/kustomization.yaml', '');
    vi.stubEnv('PATH', join(root, 'nothing'));
    expect(await findingOf('manifests')).toMatchObject({ outcome: 'not checked' });
  });
});

describe('the tests', () => {
  it.each([
    [{ a: 'passed' } as const, 81, passed('1 tests, 81 % of lines')],
    [{ a: 'passed' } as const, 80, failed('1 tests, 80 % of lines')],
    [{ a: 'passed', b: 'failed' } as const, 100, failed('b')],
    [{}, 100, failed('there is no test')],
  ])('with %o and %i %%', async (tests, coverage, finding) => {
    vitestReports(tests, coverage);
    expect(await findingOf('tests')).toEqual(finding);
  });

  it('fail when they cannot be run', async () => {
    write('node_modules/.bin/vitest', `console.error('out of memory'); process.exit(1)`);
    expect(await findingOf('tests')).toEqual(failed('vitest did not run: out of memory'));
  });
});

describe('lint', () => {
  it.each([
    ['', passed('eslint and tsc')],
    [`console.log('npu-plugin:   7:1  error  eqeqeq'); process.exit(1)`, failed('7:1  error  eqeqeq')],
  ])('with %s', async (program, finding) => {
    write('node_modules/.bin/nx', program);
    expect(await findingOf('lint')).toEqual(finding);
  });
});

describe('the end-to-end test', () => {
  it('has to be there', async () => {
    vitestReports({ a: 'passed' });
    expect(await findingOf('e2e')).toEqual(failed('there is no test/e2e/npu-plugin.e2e.ts'));
  });

  it.each([
    ['passed', passed('1 tests with the fake kubelet; not on hardware')],
    ['failed', failed('a')],
  ] as const)('when it has %s', async (status, finding) => {
    write('test/e2e/npu-plugin.e2e.ts', '');
    vitestReports({ a: status });
    expect(await findingOf('e2e')).toEqual(finding);
  });
});

describe('what waits for an operator', () => {
  it.each(['crd', 'crd-tests', 'controller'])('is open: %s', async (name) => {
    expect(await findingOf(name)).toMatchObject({ outcome: 'open' });
  });
});

describe('the rules of the repository', () => {
  it.each([
    ['passed', passed('1 rules')],
    ['failed', failed('headings')],
  ] as const)('%s', async (status, finding) => {
    vitestReports({ headings: status });
    expect(await findingOf('readme')).toEqual(finding);
  });
});

describe('the rule for nodes', () => {
  const rule = 'kind: NodeFeatureRule\nspec: { rules: [{ labels: { a.b/npu: "true" } }] }\n';

  it.each(['deployments/npu-plugin/overlays/nfd/rule.yaml', 'deployments/nfd/node-feature-rules/npu-plugin.yaml'])(
    'is found in %s',
    async (file) => {
      write(file, `kind: Other\n---\n${rule}`);
      expect(await findingOf('node-feature-rule')).toEqual(passed(`a.b/npu, by ${file}`));
    },
  );

  it.each([
    ['deployments/npu-plugin/rule.yaml', 'kind: NodeFeatureRule\nspec: { rules: [{ name: x }] }\n'],
    ['deployments/nfd/node-feature-rules/other-plugin.yaml', rule],
  ])('is not one in %s that says %s', async (file, text) => {
    write(file, text);
    expect(await findingOf('node-feature-rule')).toMatchObject({ outcome: 'failed' });
  });
});

describe('checklist()', () => {
  const item = (name: string, check: Item['check']): Item => ({ number: 1, name, demand: name, check });

  it('goes on after one that cannot be checked, and leaves out what it is told to', async () => {
    const all = [
      item('a', () => Promise.reject(new Error('broken'))),
      item('b', () => passed('fine')),
      item('c', () => failed('never asked')),
    ];
    const rows = await checklist({ root, plugin: 'npu-plugin', items: all, skip: ['c'], progress: () => undefined });
    expect(rows.map(({ outcome, detail }) => `${outcome}: ${detail}`)).toEqual([
      'failed: Error: broken',
      'passed: fine',
      'not checked: --skip',
    ]);
  });

  it('knows no plugin that is not there', async () => {
    const options = { root, plugin: 'dlb-plugin', items: [], skip: [], progress: () => undefined };
    await expect(checklist(options)).rejects.toThrow(/there is no .*dlb-plugin: npx nx g/);
  });
});

describe('formatRows()', () => {
  it('prints a table with short details', () => {
    const rows = [
      { number: 1, demand: 'a', ...passed('x\ny') },
      { number: 10, demand: 'long demand', ...failed('z'.repeat(500)) },
    ];
    const [head, first, second = ''] = formatRows(rows).split('\n');
    expect([head, first]).toEqual(['#   ITEM         OUTCOME  DETAIL', '1   a            passed   x y']);
    expect(second.length).toBeLessThan(500);
  });
});
