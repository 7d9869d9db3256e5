// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { librariesOf } from './debian-libraries.ts';
import { type BaseParts, layOutBase } from './lay-out-base.ts';

/** Licence texts and /etc/os-release are this machine's. */
const isDebian = existsSync('/usr/share/doc/libc6/copyright');
if (!isDebian) console.warn('SKIPPED: this is no Debian, so a base cannot be made here');

let folder: string;
let parts: BaseParts;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kdp-'));
  const put = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  };
  const lib = 'lib/aarch64-linux-gnu';
  for (const library of librariesOf['libc6'] ?? []) await put(`libc6/${lib}/${library}`, `${library} of Debian`);
  await put(`libc6/${lib}/ld-linux-aarch64.so.1`, 'the loader');
  await put(`libgcc-s1/${lib}/libgcc_s.so.1`, 'gcc');
  await put(`libstdc++6/usr/${lib}/libstdc++.so.6.0.30`, 'C++');
  await symlink('libstdc++.so.6.0.30', join(folder, `libstdc++6/usr/${lib}/libstdc++.so.6`));
  await put('node/bin/node', 'Node.js');
  await put('node/LICENSE', 'MIT');
  await put('node/include/node.h', 'left behind');
  const packages = Object.keys(librariesOf).map((name) => ({
    ...{ name, root: join(folder, name) },
    control: `Package: ${name}\nVersion: 1\nArchitecture: arm64\n`,
  }));
  parts = { architecture: 'arm64', node: join(folder, 'node'), packages };
});
afterEach(() => rm(folder, { recursive: true }));

describe.skipIf(!isDebian)('layOutBase()', () => {
  it('has Node.js, its libraries, their licences, and what scanners and the C library look for', async () => {
    const to = join(folder, 'base');
    await layOutBase(to, parts);
    const entries = await readdir(to, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(to.length));
    const libraries = Object.values(librariesOf)
      .flat()
      .map((library) => `/system/lib/aarch64-linux-gnu/${library}`);
    const names = Object.keys(librariesOf);
    expect(files.sort()).toEqual(
      [
        ...libraries,
        ...['/node/nodejs/LICENSE', '/node/nodejs/bin/node', '/system/lib/ld-linux-aarch64.so.1'],
        ...['group', 'nsswitch.conf', 'os-release', 'passwd'].map((name) => `/system/etc/${name}`),
        ...names.map((name) => `/system/usr/share/doc/${name}/copyright`),
        ...names.map((name) => `/system/var/lib/dpkg/status.d/${name}`),
      ].sort(),
    );
    const read = (path: string): Promise<string> => readFile(join(to, path), 'utf8');
    expect(await read('system/lib/aarch64-linux-gnu/libstdc++.so.6')).toBe('C++');
    expect(await read('system/var/lib/dpkg/status.d/libc6')).toContain('Package: libc6\n');
    const mode = async (path: string): Promise<number> => (await stat(join(to, path))).mode & 0o7777;
    expect(await mode('system/tmp')).toBe(0o1777);
    expect(await mode('node/nodejs/bin/node')).toBe(0o755);
    expect(await mode('system/lib/ld-linux-aarch64.so.1')).toBe(0o755);
    expect(await mode('system/lib/aarch64-linux-gnu/libc.so.6')).toBe(0o644);
  });

  it('says which library is missing, and follows no link out of a package', async () => {
    const library = join(folder, 'libgcc-s1/lib/aarch64-linux-gnu/libgcc_s.so.1');
    await rm(library);
    await expect(layOutBase(join(folder, 'b'), parts)).rejects.toThrow(
      /there is no lib\/aarch64-linux-gnu\/libgcc_s\.so\.1/,
    );
    await symlink('/etc/passwd', library);
    await expect(layOutBase(join(folder, 'c'), parts)).rejects.toThrow(
      'there is no lib/aarch64-linux-gnu/libgcc_s.so.1',
    );
  });
});
