// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hostFixture, type HostFixture } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installPrograms } from '../src/main/fpga-init/install-programs.ts';

const run = promisify(execFile);
const mainFile = join(import.meta.dirname, '../src/main/fpga-init.ts');
let fixture: HostFixture;
let to: string;

beforeEach(async () => {
  fixture = await hostFixture({
    'app/main.mjs': 'the plugin',
    'app/main.cache': 'its cache',
    'app/fpga-init.mjs': 'this program',
    'app/fpga-crihook.mjs': 'console.log("hook", process.argv.slice(2));',
    'app/fpga-crihook.mjs.map': '{}',
    'app/fpga-tool.mjs': 'import "./native/part.mjs";',
    'app/native/part.mjs': 'console.log("tool", process.argv.slice(2));',
    node: 'an interpreter',
  });
  to = fixture.path('opt/intel/fpga-sw');
});

afterEach(() => fixture.dispose());

describe('installPrograms()', () => {
  it('installs the programs, what lies beside them, and Node.js', async () => {
    const installation = { node: fixture.path('node'), from: fixture.path('app'), to };
    expect(await installPrograms(installation)).toBe(6);
    const files = await readdir(to, { recursive: true });
    expect(files.sort()).toEqual([
      ...['app', 'app/fpga-crihook.mjs', 'app/fpga-tool.mjs', 'app/native', 'app/native/part.mjs'],
      ...['fpga_tool', 'intel-fpga-crihook', 'node'],
    ]);
    expect((await stat(join(to, 'intel-fpga-crihook'))).mode & 0o777).toBe(0o755);
  });

  it('replaces what is there, each file as a whole', async () => {
    const installation = { node: fixture.path('node'), from: fixture.path('app'), to };
    await installPrograms(installation);
    const before = await stat(join(to, 'node'));
    await fixture.write('node', 'another interpreter');
    await installPrograms(installation);
    expect(await readFile(join(to, 'node'), 'utf8')).toBe('another interpreter');
    expect((await stat(join(to, 'node'))).ino).not.toBe(before.ino);
  });

  it('says when it cannot write', async () => {
    await fixture.write('opt', 'a file');
    await expect(installPrograms({ node: fixture.path('node'), from: fixture.path('app'), to })).rejects.toMatchObject({
      code: 'FILE_WRITE',
    });
  });
});

describe('fpga-init', () => {
  it('installs programs that start with no help of the host, with their arguments', async () => {
    await run(process.execPath, [mainFile, '-from', fixture.path('app'), '-to', to]);
    const start = async (program: string): Promise<string> =>
      (await run(join(to, program), ['-x', 'y'], { env: {} })).stdout;
    expect(await start('intel-fpga-crihook')).toBe("hook [ '-x', 'y' ]\n");
    expect(await start('fpga_tool')).toBe("tool [ '-x', 'y' ]\n");
  });
});
