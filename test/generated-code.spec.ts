// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

describe.each(['packages/core', 'packages/testkit'])('the generated code in %s/src/kubelet-api', (folder) => {
  const committed = join(root, folder, 'src/kubelet-api');
  let scratch: string;
  let generated: string;

  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'kdp-'));
    const proto = join(scratch, 'proto');
    // Where buf.gen.yaml puts it, seen from the .proto files.
    generated = join(scratch, 'src/kubelet-api');
    await cp(join(root, folder, 'proto'), proto, { recursive: true });
    await mkdir(generated, { recursive: true });
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
