// SPDX-License-Identifier: Apache-2.0
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { update } from '../src/update.ts';
import { UpdateError } from '../src/update-error.ts';

const repository = join(import.meta.dirname, '../../..');
const contractFile = 'packages/core/proto/deviceplugin.proto';
const page = 'docs/reference/kubelet-api.md';
const generated = 'packages/core/src/kubelet-api/deviceplugin.ts';
const newerFile = join(import.meta.dirname, 'fixtures/newer.proto');
const newer = await readFile(newerFile, 'utf8');

/** Stands for the tasks of the workspace: notes how it was called, generates in earnest when asked to, and fails where it is told to. */
const tasks = `
  import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
  import { spawnSync } from 'node:child_process';
  const [task, ...args] = process.argv.slice(2);
  appendFileSync('calls', [task, ...args].join(' ') + '\\n');
  if (task === 'generate') {
    writeFileSync('packages/core/src/kubelet-api/left-behind.ts', '');
    writeFileSync('packages/core/src/kubelet-api/deviceplugin.ts', '');
  }
  if (task === 'generate' && existsSync('in-earnest')) {
    const env = { ...process.env, BUF_CACHE_DIR: process.cwd() + '/cache', PATH: process.cwd() + '/node_modules/.bin:' + process.env.PATH };
    const buf = spawnSync(process.execPath, [process.cwd() + '/node_modules/.bin/buf', 'generate'], { cwd: 'packages/core/proto', env });
    if (buf.status !== 0) throw new Error(String(buf.stderr));
  }
  if (existsSync('hangs-' + task)) setTimeout(() => {}, 60_000);
  if (existsSync('fails-' + task)) process.exitCode = 1;
`;

describe('update()', { timeout: 60_000 }, () => {
  let root: string;
  let printed: string[];

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'kdp-'));
    printed = [];
    for (const path of ['packages/core/proto', 'packages/core/src/kubelet-api', page]) {
      await cp(join(repository, path), join(root, path), { recursive: true });
    }
    await put('node_modules/kubernetes-models/package.json', '{ "version": "5.1.0" }');
    await symlink(join(repository, 'node_modules/.bin'), join(root, 'node_modules/.bin'));
    await put('tools/workspace.mjs', tasks);
  });

  afterEach(async () => {
    await rm(root, { recursive: true });
  });

  const options = { help: false, release: 'v9.0.0', proto: newerFile, dryRun: false, force: false, keep: false };

  async function run(changed: Partial<typeof options> = {}, signal = new AbortController().signal): Promise<void> {
    await update({ ...options, ...changed }, root, (line) => printed.push(line), signal);
  }

  async function put(path: string, text: string): Promise<string> {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
    return path;
  }

  const read = async (path: string): Promise<string> => await readFile(join(root, path), 'utf8');

  /** All files that an update may touch, with their content. */
  async function state(): Promise<Record<string, string>> {
    const files = [page, contractFile];
    for (const name of await readdir(join(root, dirname(generated)))) files.push(join(dirname(generated), name));
    return Object.fromEntries(await Promise.all(files.map(async (file) => [file, await read(file)] as const)));
  }

  it('takes a contract with more in it: prints the difference, writes, generates, tests, records', async () => {
    await put('in-earnest', '');
    await run();
    expect(printed).toEqual(
      expect.arrayContaining([
        '  + DevicePlugin.Release(): ReleaseRequest → Empty',
        '  + Device.health_message: optional string, number 4',
        '  + enum ReleaseReason',
        'test/manifests.spec.ts is not there: the manifests are not checked.',
      ]),
    );
    expect(await read(contractFile)).toMatch(
      /^ {2}TopologyInfo topology = 3;\n {2}optional string health_message = 4;$/m,
    );
    expect(await read(generated)).toMatch(/^ {2}healthMessage\?: string \| undefined;$/m);
    expect(await read(generated)).toContain('RELEASE_REASON_POD_ENDED: 1');
    expect(await read(page)).toMatch(/^- v9\.0\.0: `\+ DevicePlugin\.Release\(\).*number 1`$/m);
    const calls = (await read('calls')).trim().split('\n');
    expect(calls.map((call) => call.split(' ')[0])).toEqual(['generate', 'typecheck', 'test']);
  });

  it('keeps the comments and the order of the old contract', async () => {
    const before = await read(contractFile);
    await run();
    const after = await read(contractFile);
    const added = after.split('\n').filter((line) => !before.split('\n').includes(line));
    expect(added.join('\n')).not.toContain('//');
    const lines = after.split('\n');
    expect(before.split('\n').filter((line) => !lines.includes(line))).toEqual([]);
    expect(after.indexOf('message Empty')).toBeLessThan(after.indexOf('message Device '));
  });

  it('writes the same contract as it is, byte for byte', async () => {
    const before = await state();
    await put('in-earnest', '');
    await put('same.proto', before[contractFile] ?? '');
    await run({ proto: 'same.proto' });
    expect(printed).toContain('  nothing is different');
    expect(await read(contractFile)).toBe(before[contractFile]);
    expect(await read(generated)).toBe(before[generated]);
    expect(await read(page)).toMatch(/^- v9\.0\.0: nothing is different$/m);
  });

  it('checks the manifests where there is a test of them', async () => {
    await put('test/manifests.spec.ts', '');
    await run();
    expect((await read('calls')).trim().split('\n').at(-1)).toBe('test test/manifests.spec.ts');
    expect(printed.join('\n')).toMatch(/schemas of kubernetes-models 5\.1\.0; newer ones: npm install .*@latest/);
  });

  it('changes nothing with --dry-run', async () => {
    const before = await state();
    await run({ dryRun: true });
    expect(await state()).toEqual(before);
    expect(printed.join('\n')).toContain('+ Device.health_message');
  });

  const breaking = [
    ['renumbered', newer.replace('string health = 2;', 'string health = 7;'), 'Device.health'],
    ['removed', newer.replace('string health = 2;', 'reserved 2, 8 to 9; reserved "health";'), 'Device.health'],
    ['retyped', newer.replace('string health = 2;', 'bytes health = 2 [deprecated = true];'), 'Device.health'],
    ['unstreamed', newer.replace('stream ListAndWatchResponse', 'ListAndWatchResponse'), 'ListAndWatch()'],
  ] as const;

  it.each(breaking)('refuses a contract in which something is %s, unless forced', async (_name, text, what) => {
    const before = await state();
    const proto = await put('newer.proto', text);
    await expect(run({ proto })).rejects.toThrow(
      `misunderstood: ${what.includes('(') ? 'DevicePlugin.' : ''}${what}. --force`,
    );
    expect(await state()).toEqual(before);
    await run({ proto, force: true });
    expect(await read(contractFile)).not.toBe(before[contractFile]);
  });

  it('writes what is reserved and deprecated', async () => {
    const text = newer
      .replace('string health = 2;', 'reserved 2, 8 to 9; reserved "health";')
      .replace('int64 ID = 1;', 'int64 ID = 1 [deprecated = true];');
    await run({ proto: await put('newer.proto', text), force: true });
    const written = await read(contractFile);
    expect(written).toContain('  reserved 2, 8 to 9;\n  reserved "health";\n');
    expect(written).toContain('  int64 ID = 1 [deprecated = true];\n');
  });

  it.each([
    ['has another package', newer.replace('package v1beta1', 'package v1'), "its package is 'v1'"],
    ['has another syntax', 'syntax = "proto2";\npackage v1beta1;', 'its syntax is not proto3'],
    ['has no kubelet in it', newer.replace(/service Registration \{[^}]*\{\}\n\}/, ''), 'no service Registration'],
    ['has no ListAndWatch', newer.replace(/\trpc ListAndWatch.*\n/, ''), 'has no ListAndWatch'],
    ['does not compile', newer.replace('string health', 'strin health'), 'strin'],
    [
      'imports',
      newer.replace('\noption', '\nimport "github.com/gogo/protobuf/gogoproto/gogo.proto";\noption'),
      'imported file does not exist',
    ],
    ['nests', newer.replace('message Mount {', 'message Mount { message Deep {}'), 'cannot write (messageType Mount)'],
    ['has a oneof', newer.replace('bool read_only = 3;', 'oneof x { bool read_only = 3; }'), 'cannot write'],
    ['is too large', `${newer}//${' '.repeat(256 * 1024)}`, 'more than 256 KiB'],
  ])('refuses one that %s', async (_name, text, reason) => {
    const before = await state();
    const proto = await put('newer.proto', text);
    const refused = run({ proto, force: true });
    await expect(refused).rejects.toBeInstanceOf(UpdateError);
    await expect(refused).rejects.toThrow(reason);
    expect(await state()).toEqual(before);
  });

  it.each([
    ['nowhere.proto', /nowhere\.proto cannot be read: ENOENT/],
    ['.', /is no file/],
    ['/dev/zero', /is no file/],
  ])('says that %s cannot be read', async (proto, reason) => {
    await expect(run({ proto })).rejects.toThrow(reason);
  });

  it('refuses a release that is not newer', async () => {
    await expect(run({ release: 'v1.0.0' })).rejects.toThrow(/v1\.0\.0 is not newer/);
  });

  it.each(['generate', 'typecheck', 'test'])('puts everything back when %s fails', async (task) => {
    const before = await state();
    await put(`fails-${task}`, '');
    await expect(run()).rejects.toThrow(/failed; what went wrong is above/);
    expect(await state()).toEqual(before);
    expect(printed.at(-1)).toMatch(/as it was before.*--keep/);
  });

  it('leaves everything with --keep', async () => {
    await put('fails-test', '');
    await expect(run({ keep: true })).rejects.toBeInstanceOf(UpdateError);
    expect(await read(contractFile)).toContain('health_message');
  });

  it('puts everything back when it is interrupted', async () => {
    const before = await state();
    await put('hangs-typecheck', '');
    const stop = new AbortController();
    const running = run({}, stop.signal);
    const ended = expect(running).rejects.toThrow('aborted');
    await vi.waitFor(async () => expect(await read('calls')).toContain('typecheck'), { timeout: 30_000 });
    stop.abort();
    await ended;
    expect(await state()).toEqual(before);
  });
});
