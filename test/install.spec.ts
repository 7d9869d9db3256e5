// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const tools = join(import.meta.dirname, '../tools');

/** Stands for npm: notes how it was called, and installs what npm would. */
const fakeNpm = `
  const fs = require('node:fs');
  fs.appendFileSync('npm-calls', process.argv.slice(2).join(' ') + '\\n');
  if (fs.existsSync('npm-fails')) process.exit(7);
  setTimeout(() => {
    fs.mkdirSync('node_modules/.bin', { recursive: true });
    fs.cpSync('package-lock.json', 'node_modules/.package-lock.json');
    fs.writeFileSync('node_modules/.bin/knip', "console.log('knip ran with', process.env.NODE_OPTIONS, process.argv.slice(2).join(' '))");
  }, 300);
`;

describe('tools/workspace.mjs', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'kdp-'));
    await mkdir(join(root, 'tools'));
    for (const file of ['workspace.mjs', 'install.mjs']) await cp(join(tools, file), join(root, 'tools', file));
    await writeFile(join(root, 'npm-cli.js'), fakeNpm);
    await writeLock('1.0.0');
  });

  afterEach(async () => {
    await rm(root, { recursive: true });
  });

  async function writeLock(version: string): Promise<void> {
    const packages = {
      '': {},
      'node_modules/a': { version },
      'node_modules/of-another-platform': { version, optional: true },
    };
    await writeFile(join(root, 'package-lock.json'), JSON.stringify({ packages }));
  }

  async function run(...args: string[]): Promise<{ code: number | null; output: string }> {
    const child = spawn(process.execPath, [join(root, 'tools/workspace.mjs'), ...args], {
      env: { ...process.env, npm_execpath: join(root, 'npm-cli.js'), NODE_OPTIONS: '--no-warnings' },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, output };
  }

  const npmCalls = async (): Promise<string[]> => (await readFile(join(root, 'npm-calls'), 'utf8')).trim().split('\n');

  it('installs what the lock file says, scripts excluded, and then runs the task', async () => {
    const { code, output } = await run('knip', '--fix');
    expect(output).toContain('knip ran with undefined --no-config-hints --fix');
    expect(code).toBe(0);
    expect(await npmCalls()).toEqual([expect.stringMatching(/^ci .*--include=dev .*--ignore-scripts/)]);
  });

  it('does not install again until the lock file changes', async () => {
    await run('knip');
    await run('knip');
    expect(await npmCalls()).toHaveLength(1);
    await writeLock('2.0.0');
    await run('knip');
    expect(await npmCalls()).toHaveLength(2);
  });

  it('installs once when two start together', async () => {
    const [one, other] = await Promise.all([run('knip'), run('knip')]);
    expect([one.code, other.code]).toEqual([0, 0]);
    expect(await npmCalls()).toHaveLength(1);
  });

  it('is not held up by the lock of a process that died', async () => {
    await mkdir(join(root, '.nx'));
    const dead = spawn(process.execPath, ['-e', '']);
    await once(dead, 'exit');
    await writeFile(join(root, '.nx/install.lock'), String(dead.pid));
    expect((await run('knip')).code).toBe(0);
  });

  it('names cause and remedy when npm fails', async () => {
    await writeFile(join(root, 'npm-fails'), '');
    const { code, output } = await run('knip');
    expect(output).toMatch(/npm ci failed \(exit code 7\).*registry/);
    expect(output).not.toContain('    at ');
    expect(code).toBe(1);
  });

  it.each([
    ['an unknown one', 'frobnicate'],
    ['what every object has', 'constructor'],
  ])('lists the tasks for %s', async (_name, task) => {
    const { code, output } = await run(task);
    expect(output).toMatch(new RegExp(`no task '${task}'.*start, test, build`));
    expect(code).toBe(2);
  });

  it('lists the tasks when there is none', async () => {
    expect((await run()).code).toBe(2);
  });
});
