// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

/** A package with .proto files, and a folder that their messages are generated into. */
const places = [
  ['packages/core', 'packages/core/src/kubelet-api'],
  ['packages/testkit', 'packages/testkit/src/kubelet-api'],
  ['packages/gpu-plugin', 'packages/gpu-plugin/src/sysfs/health-api'],
  ['packages/gpu-plugin', 'packages/testkit/src/gpu/api'],
] as const;

describe.each(places)('the generated code of %s in %s', (folder, place) => {
  const committed = join(root, place);
  let scratch: string;
  let generated: string;

  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'kdp-'));
    const proto = join(scratch, folder, 'proto');
    // Where buf.gen.yaml puts it, seen from the .proto files.
    generated = join(scratch, place);
    await cp(join(root, folder, 'proto'), proto, { recursive: true });
    for (const [, other] of places) await mkdir(join(scratch, other), { recursive: true });
    const bin = join(root, 'node_modules/.bin');
    const PATH = [bin, process.env['PATH']].join(delimiter);
    const env = { ...process.env, PATH, BUF_CACHE_DIR: join(scratch, 'cache') };
    await promisify(execFile)(join(bin, 'buf'), ['generate'], { cwd: proto, env });
  });

  afterAll(async () => {
    await rm(scratch, { recursive: true });
  });

  it('is what the .proto files say: run npm run generate', async () => {
    const files = await readdir(generated);
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const [ours, fresh] = await Promise.all(
        [committed, generated].map((directory) => readFile(join(directory, file), 'utf8')),
      );
      expect(ours, `${file} differs`).toBe(fresh);
    }
  });

  it('has a .proto file for each file that says it is generated', async () => {
    const isGenerated = async (file: string): Promise<boolean> =>
      (await readFile(join(committed, file), 'utf8')).startsWith('// Code generated');
    const files = (await readdir(committed)).filter((file) => file.endsWith('.ts'));
    const marked = await Promise.all(files.map(async (file) => ((await isGenerated(file)) ? [file] : [])));
    expect(marked.flat().sort()).toEqual((await readdir(generated)).sort());
  });
});
