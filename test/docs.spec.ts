// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const made = ['node_modules', 'dist', 'coverage', '.nx'];
const pages = globSync('**/*.md', { cwd: root, exclude: (path) => made.includes(path) }).sort();
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };

describe.each(pages)('%s', (page) => {
  const text = read(page);
  /** Code is no text: what looks like a link there is none. */
  const prose = text.replaceAll(/^ *```.*?^ *```/gms, '').replaceAll(/`[^`\n]*`/g, '');

  it('has links that lead somewhere', () => {
    const links = [...prose.matchAll(/\]\(<?([^)>\s]+)>?\)/g)].map(([, link = '']) => link);
    const dead = links.filter((link) => !/^[a-z]+:/.test(link) && !leadsSomewhere(page, link));
    expect(dead).toEqual([]);
  });

  it('names scripts of npm that there are', () => {
    const named = [...text.matchAll(/npm run (?:--silent )?([a-z][\w:-]*)/g)].map(([, script = '']) => script);
    expect(named.filter((script) => !Object.hasOwn(scripts, script))).toEqual([]);
  });

  it('names targets of nx that there are', () => {
    const targets = [...text.matchAll(/nx run ([\w-]+):([\w-]+)/g)].map(([, project = '', target = '']) => ({
      project,
      target,
    }));
    // One that a guide generates is none of this repository.
    const ours = targets.filter(({ project }) => existsSync(join(root, 'packages', project)));
    const unknown = ours.filter(({ project, target }) => !hasTarget(project, target));
    expect(unknown).toEqual([]);
  });

  it('applies kustomizations that there are', () => {
    const named = [...text.matchAll(/\bapply (?:-n \S+ )?-k (deployments\/[\w./-]+)/g)].map(([, path = '']) => path);
    // A guide that makes one has the commands for it.
    const missing = named.filter((path) => !existsSync(join(root, path, 'kustomization.yaml')));
    expect(missing.filter((path) => !text.includes(`mkdir -p ${path}`) && !/color|npu/.test(path))).toEqual([]);
  });
});

describe('npm run', () => {
  it('tells of its tasks those that package.json has', () => {
    const { stderr } = spawnSync(process.execPath, ['tools/workspace.mjs', 'no-such-task'], {
      cwd: root,
      encoding: 'utf8',
    });
    const [, tasks = ''] = /there are: (.*)/.exec(stderr) ?? [];
    expect(tasks.split(', ').sort()).toEqual(Object.keys(scripts).sort());
  });

  it('has each of its tasks on some page', () => {
    const all = pages.map(read).join('\n');
    const missing = Object.keys(scripts).filter((script) => !new RegExp(`npm (run )?${script}\\b`).test(all));
    expect(missing).toEqual([]);
  });
});

describe('CHANGELOG.md', () => {
  it('has what is new under the headings of Keep a Changelog, and the version of the packages', () => {
    const text = read('CHANGELOG.md');
    const { version } = JSON.parse(read('package.json')) as { readonly version: string };
    expect(text).toMatch(
      new RegExp(`^## \\[${version}\\] - \\d{4}-\\d\\d-\\d\\d$|becomes ${version.replaceAll('.', '\\.')}\\.$`, 'm'),
    );
    const kinds = [...text.matchAll(/^### (.*)$/gm)].map(([, kind]) => kind);
    const known = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security'];
    expect(known).toEqual(expect.arrayContaining(kinds));
    expect(text).toMatch(/^## \[Unreleased\]$/m);
  });
});

describe('SECURITY.md', () => {
  it('names each deployment that is privileged, and no other', () => {
    const manifests = globSync('deployments/**/*.yaml', { cwd: root });
    const privileged = manifests.filter((file) => /^ *privileged: true$/m.test(read(file)));
    const [paragraph = ''] = /^9\. .*$/m.exec(read('SECURITY.md')) ?? [];
    for (const file of privileged) expect(paragraph).toContain(`\`${basename(dirname(file))}\``);
    expect(paragraph).toContain(`are ${['no', 'one', 'two', 'three', 'four'][privileged.length] ?? ''} containers`);
  });
});

describe('README.md', () => {
  it('leads to each guide and each page of reference', () => {
    const readme = read('README.md');
    const wanted = [
      ...globSync('docs/{guides,reference}/*.md', { cwd: root }),
      'CHANGELOG.md',
      'SECURITY.md',
      'LICENSE',
    ];
    expect(wanted.filter((page) => !readme.includes(`](${page})`))).toEqual([]);
  });
});

function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : join(dirname(page), decodeURI(path));
  if (!existsSync(join(root, target))) return false;
  if (anchor === undefined || statSync(join(root, target)).isDirectory()) return true;
  return anchorsOf(read(target)).includes(anchor);
}

/** As GitHub makes them of headings. */
function anchorsOf(text: string): string[] {
  const headings = text.replaceAll(/^ *```.*?^ *```/gms, '').matchAll(/^#+ (.*)$/gm);
  const seen = new Map<string, number>();
  return [...headings].map(([, heading = '']) => {
    const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1');
    const anchor = plain
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    return count === 0 ? anchor : `${anchor}-${count}`;
  });
}

function hasTarget(project: string, target: string): boolean {
  const manifest = JSON.parse(read(`packages/${project}/package.json`)) as {
    readonly scripts?: Readonly<Record<string, string>>;
    readonly nx?: { readonly targets?: Readonly<Record<string, unknown>> };
  };
  const { targetDefaults = {} } = JSON.parse(read('nx.json')) as {
    readonly targetDefaults?: Record<string, { command?: unknown; executor?: unknown }>;
  };
  return (
    Object.hasOwn(manifest.scripts ?? {}, target) ||
    Object.hasOwn(manifest.nx?.targets ?? {}, target) ||
    (targetDefaults[target]?.command ?? targetDefaults[target]?.executor) !== undefined
  );
}
