// SPDX-License-Identifier: Apache-2.0
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FakeKubelet } from '@kube-device-plugins/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// `npm test` builds first.
const built = join(import.meta.dirname, '../../../dist/simple-plugin');

/** What every plugin has beside its programs. */
const beside = ['LICENSES.txt', 'package.json', 'warm'];

/** Has each script that is given a cache say whether V8 took it. */
const watchScripts = `data:text/javascript,${encodeURIComponent(`
  const vm = process.getBuiltinModule('node:vm');
  vm.Script = class extends vm.Script {
    constructor(text, options) {
      super(text, options);
      console.error(options.filename + ': cache rejected: ' + this.cachedDataRejected);
    }
  };`)}`;

/** `npm run image` adds bills of materials. */
async function filesIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => !name.endsWith('.cdx.json')).sort();
}

describe('dist/simple-plugin', () => {
  let scratch: string;
  let main: string;

  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'kdp-'));
    // Away from the workspace, so that no node_modules is in reach.
    await cp(built, join(scratch, 'app'), { recursive: true });
    main = join(scratch, 'app/main.mjs');
  });

  afterAll(async () => {
    await rm(scratch, { recursive: true });
  });

  it('can be executed', async () => {
    expect((await stat(main)).mode & 0o111).toBe(0o111);
  });

  it('runs with plain Node and nothing beside it', async () => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [main, '-h'], { cwd: scratch, env: {} });
    expect(stdout + stderr).toContain('-device-plugin-path');
  });

  it.each(['v20.20.2', 'v9.0.0'])('says to Node %s which one it needs, before anything else', async (version) => {
    const pretended = `Object.defineProperty(process, 'version', { value: '${version}' });
      Object.defineProperty(process, 'versions', { value: { node: '${version.slice(1)}' } });
      delete process.getBuiltinModule;`;
    const old = join(scratch, 'old.cjs');
    await writeFile(old, pretended);
    const run = promisify(execFile)(process.execPath, ['--require', old, main], { cwd: scratch, env: {} });
    const stderr = `This program needs Node.js 24 or newer, this is ${version}.\n`;
    await expect(run).rejects.toMatchObject({ code: 1, stdout: '', stderr });
  });

  it('serves a kubelet from what V8 has compiled before', async () => {
    await using kubelet = new FakeKubelet({ dir: join(scratch, 'plugins') });
    await kubelet.start();
    const warm = join(scratch, 'app/warm/main.mjs');
    const flags = ['-device-plugin-path', join(scratch, 'plugins'), '-cdi-dir', join(scratch, 'cdi')];
    const plugin = spawn(process.execPath, ['--import', watchScripts, warm, ...flags, '-metrics-bind-address', '0'], {
      env: {},
    });
    let log = '';
    for (const stream of [plugin.stdout, plugin.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (log += text));
    await kubelet.waitFor((seen) => [...seen.resources().values()].some(({ allocatable }) => allocatable > 0));
    plugin.kill('SIGTERM');
    const [code] = (await once(plugin, 'close')) as [number | null];
    expect(code).toBe(0);
    expect(log).toContain('main.mjs: cache rejected: false');
  });

  it('starts without what V8 has compiled before', async () => {
    const warm = join(scratch, 'cold');
    await cp(join(built, 'warm'), warm, { recursive: true });
    await writeFile(join(warm, 'main.cache'), 'of another Node');
    const run = () => promisify(execFile)(process.execPath, [join(warm, 'main.mjs'), '-h'], { cwd: scratch, env: {} });
    const help = [await run()];
    await rm(join(warm, 'main.cache'));
    help.push(await run());
    for (const { stdout, stderr } of help) expect(stdout + stderr).toContain('-device-plugin-path');
  });

  it('has a source map of our own sources only, which leads back to a line', async () => {
    const { sections } = JSON.parse(await readFile(`${main}.map`, 'utf8')) as {
      sections: { map: { sources: string[]; sourcesContent?: string[] } }[];
    };
    const sources = sections.flatMap(({ map }) => map.sources);
    expect(sections.every(({ map }) => map.sourcesContent === undefined)).toBe(true);
    expect(sources.every((source) => /^\.\.\/\.\.\/packages\/[^/]+\/src\/.*\.ts$/.test(source))).toBe(true);
    expect(sources).toContain('../../packages/core/src/run-plugin.ts');
  });

  it('has the licences of what is bundled', async () => {
    const text = await readFile(join(scratch, 'app/LICENSES.txt'), 'utf8');
    for (const name of ['@grpc/grpc-js', 'pino', 'chokidar', '@prometheus-io/client', '@bufbuild/protobuf']) {
      expect(text).toMatch(new RegExp(`^${name} \\d`, 'm'));
    }
  });

  it('has no other files', async () => {
    expect(await filesIn(built)).toEqual([...beside, 'main.mjs', 'main.mjs.map'].sort());
  });
});

describe('dist/gpu-plugin', () => {
  const commands = ['gpu-fakedev', 'gpu-labeler', 'xpumanager-labels'];
  const gpuPlugin = join(import.meta.dirname, '../../../dist/gpu-plugin');

  it.each(commands)('has a program %s, which runs with nothing beside it', async (name) => {
    const scratch = await mkdtemp(join(tmpdir(), 'kdp-'));
    const program = join(scratch, `${name}.mjs`);
    await cp(join(gpuPlugin, `${name}.mjs`), program);
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [program, '-h'], { cwd: scratch, env: {} });
    await rm(scratch, { recursive: true });
    expect(stdout).toContain(`${name}: `);
    expect(stderr).toBe('');
    expect((await stat(join(gpuPlugin, `${name}.mjs`))).mode & 0o111).toBe(0o111);
  });

  it('has a source map for each, and one file of licences', async () => {
    const programs = ['main', ...commands].flatMap((name) => [`${name}.mjs`, `${name}.mjs.map`]);
    expect(await filesIn(gpuPlugin)).toEqual([...beside, ...programs].sort());
  });
});

describe('dist/cli', () => {
  const cli = join(import.meta.dirname, '../../../dist/cli');

  it('is one program, which has each plugin and runs with nothing beside it', async () => {
    const scratch = await mkdtemp(join(tmpdir(), 'kdp-'));
    await cp(join(cli, 'main.mjs'), join(scratch, 'main.mjs'));
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, ['main.mjs', 'inspect', '--prefix', scratch], { cwd: scratch });
    for (const text of [
      'fpga-plugin found no',
      'gpu-plugin found no',
      'qat-plugin found no',
      'example.com/simple-device',
    ])
      expect(stdout).toContain(text);
    await run(process.execPath, ['main.mjs', 'capture', 'gpu', '-o', 'node.tar'], { cwd: scratch });
    const replayed = await run(process.execPath, ['main.mjs', 'inspect', '--replay', 'node.tar'], { cwd: scratch });
    expect(replayed.stdout).toContain('gpu-plugin');
    await rm(scratch, { recursive: true });
  });

  it('has a source map and the licences, and nothing that only a service needs', async () => {
    expect(await filesIn(cli)).toEqual(['LICENSES.txt', 'main.mjs', 'main.mjs.map']);
  });
});

describe('dist/fpga-plugin', () => {
  const fpgaPlugin = join(import.meta.dirname, '../../../dist/fpga-plugin');
  const read = (name: string) => readFile(join(fpgaPlugin, name), 'utf8');

  it('has the native half of koffi once, for the programs that program and not for the plugin', async () => {
    const names = await readdir(fpgaPlugin);
    expect(names.filter((name) => name.endsWith('.node'))).toEqual(['koffi.node']);
    for (const name of ['fpga-crihook.mjs', 'fpga-tool.mjs']) expect(await read(name)).toContain('"./koffi.node"');
    expect(await read('main.mjs')).not.toContain('koffi');
  });

  it('has its licence', async () => {
    expect(await read('LICENSES.txt')).toMatch(/^koffi \d.*\nLicense: MIT$/m);
  });
});
