// SPDX-License-Identifier: Apache-2.0
import { chmod, mkdir, readdir, readFile, rm, stat, symlink, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fpgaDevice } from '../../test/support/cdi-device.ts';
import { temporaryDirectory } from '../../test/support/host-tree.ts';
import { logLines } from '../../test/support/log-lines.ts';
import { CdiSpecFiles } from './spec-files.ts';
import { cdiFileName, cdiSpecText, type CdiDevice } from './spec.ts';

const [fme0, fme1] = [fpgaDevice('intel-fpga-fme.0'), fpgaDevice('intel-fpga-fme.1')];
const invalid: CdiDevice = { ...fme0, name: 'in valid' };

interface Fixture {
  readonly directory: string;
  readonly files: CdiSpecFiles;
  readonly pathOf: (device: CdiDevice) => string;
}

async function fixture(): Promise<Fixture> {
  const directory = join(await temporaryDirectory(), 'run/cdi');
  return { directory, files: new CdiSpecFiles(directory), pathOf: (device) => join(directory, cdiFileName(device)) };
}

async function changeTime(path: string): Promise<bigint> {
  return (await stat(path, { bigint: true })).ctimeNs;
}

describe('CdiSpecFiles.sync()', () => {
  it('writes a file for each device, which everybody may read, and nothing else', async () => {
    const { directory, files, pathOf } = await fixture();
    await files.sync([fme0, fme1]);
    expect(await readdir(directory)).toEqual([cdiFileName(fme0), cdiFileName(fme1)]);
    expect(await readFile(pathOf(fme0), 'utf8')).toBe(cdiSpecText(fme0));
    expect((await stat(pathOf(fme0))).mode & 0o777).toBe(0o644);
    expect((await stat(directory)).mode & 0o777).toBe(0o755);
  });

  it('leaves a file that is right as it is', async () => {
    const { files, pathOf, directory } = await fixture();
    await files.sync([fme0]);
    const before = await changeTime(pathOf(fme0));
    await files.sync([fme0]);
    await new CdiSpecFiles(directory).sync([fme0]);
    expect(await changeTime(pathOf(fme0))).toBe(before);
  });

  it.each<[what: string, spoil: (path: string) => Promise<void>]>([
    ['has other content', (path) => writeFile(path, 'foreign')],
    ['has other content of the same size', (path) => writeFile(path, cdiSpecText(fme1))],
    ['is a symlink', (path) => symlink('/dev/null', path)],
    ['cannot be read by all', (path) => writeFile(path, cdiSpecText(fme0), { mode: 0o600 })],
  ])('replaces a file that %s', async (_what, spoil) => {
    const { directory, files, pathOf } = await fixture();
    await mkdir(directory, { recursive: true });
    await spoil(pathOf(fme0));
    await files.sync([fme0]);
    expect(await readFile(pathOf(fme0), 'utf8')).toBe(cdiSpecText(fme0));
    expect((await stat(pathOf(fme0))).mode & 0o777).toBe(0o644);
    expect(await readdir(directory)).toHaveLength(1);
  });

  it('writes all again after the directory was wiped', async () => {
    const { directory, files } = await fixture();
    await files.sync([fme0, fme1]);
    await rm(directory, { recursive: true });
    await files.sync([fme0, fme1]);
    expect(await readdir(directory)).toHaveLength(2);
  });

  it('writes the new edits of a device', async () => {
    const { files, pathOf } = await fixture();
    await files.sync([fme0]);
    const changed = { ...fme0, containerEdits: { env: ['FPGA=2'] } };
    await files.sync([changed]);
    expect(await readFile(pathOf(fme0), 'utf8')).toBe(cdiSpecText(changed));
  });

  it('removes the file of a device that is gone', async () => {
    const { directory, files } = await fixture();
    await files.sync([fme0, fme1]);
    await files.sync([fme1]);
    expect(await readdir(directory)).toEqual([cdiFileName(fme1)]);
  });

  it('does not miss a file that is gone before its device', async () => {
    const lines = logLines();
    const { directory, files, pathOf } = await fixture();
    await files.sync([fme0]);
    await unlink(pathOf(fme0));
    await files.sync([]);
    expect(await readdir(directory)).toEqual([]);
    expect(lines).toEqual([]);
  });

  it('removes only what it wrote itself and nobody has changed', async () => {
    const { directory, files, pathOf } = await fixture();
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, 'nvidia.yaml'), 'foreign');
    await writeFile(pathOf(fme0), cdiSpecText(fme0));
    await files.sync([fme0, fme1]);
    await writeFile(pathOf(fme1), 'foreign by now');
    await files.sync([]);
    expect(await readdir(directory)).toEqual([cdiFileName(fme0), cdiFileName(fme1), 'nvidia.yaml'].sort());
  });

  it('goes on owning a file that was touched', async () => {
    const { directory, files, pathOf } = await fixture();
    await files.sync([fme0]);
    await utimes(pathOf(fme0), 1, 1);
    await files.sync([fme0]);
    await files.sync([]);
    expect(await readdir(directory)).toEqual([]);
  });

  it('does not let an invalid device stop the others, and logs it once', async () => {
    const lines = logLines();
    const { directory, files } = await fixture();
    await files.sync([invalid, fme0]);
    await files.sync([invalid, fme0]);
    expect(await readdir(directory)).toEqual([cdiFileName(fme0)]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('in valid');
  });

  it('logs a file that cannot be written once, and once more when it happens again after a success', async () => {
    const lines = logLines();
    const { directory, files, pathOf } = await fixture();
    await mkdir(pathOf(fme0), { recursive: true });
    for (let times = 0; times < 2; times += 1) await files.sync([fme0, fme1]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(pathOf(fme0));
    expect((await readdir(directory)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    await rm(pathOf(fme0), { recursive: true });
    await files.sync([fme0, fme1]);
    await rm(pathOf(fme0));
    await mkdir(pathOf(fme0));
    await files.sync([fme0, fme1]);
    expect(lines).toHaveLength(2);
  });

  it('writes one file for a device that several share', async () => {
    const lines = logLines();
    const { directory, files } = await fixture();
    await files.sync([fme0, { ...fme0 }]);
    expect(await readdir(directory)).toHaveLength(1);
    expect(lines).toEqual([]);
  });

  it('takes the first of two different devices with one name, and logs it once', async () => {
    const lines = logLines();
    const { files, pathOf } = await fixture();
    const other = { ...fme0, containerEdits: { env: ['OTHER=1'] } };
    for (let times = 0; times < 2; times += 1) await files.sync([fme0, other]);
    expect(await readFile(pathOf(fme0), 'utf8')).toBe(cdiSpecText(fme0));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('intel.cdi.k8s.io/fpga=intel-fpga-fme.0');
  });

  it('does one change after another', async () => {
    const { directory, files } = await fixture();
    await Promise.all([files.sync([fme0]), files.sync([]), files.sync([fme0, fme1]), files.sync([fme1])]);
    expect(await readdir(directory)).toEqual([cdiFileName(fme1)]);
  });
});

describe('CdiSpecFiles.ensure()', () => {
  it('writes the file of a device that was never synced', async () => {
    const { files, pathOf } = await fixture();
    await files.ensure(fme0);
    expect(await readFile(pathOf(fme0), 'utf8')).toBe(cdiSpecText(fme0));
  });

  it.each<[what: string, spoil: (path: string) => Promise<void>]>([
    ['is gone', (path) => unlink(path)],
    ['was changed', (path) => writeFile(path, cdiSpecText(fme1))],
    ['can be read by none', (path) => chmod(path, 0o000)],
  ])('writes a file again that %s', async (_what, spoil) => {
    const { files, pathOf } = await fixture();
    await files.sync([fme0]);
    await spoil(pathOf(fme0));
    await files.ensure(fme0);
    expect(await readFile(pathOf(fme0), 'utf8')).toBe(cdiSpecText(fme0));
    expect((await stat(pathOf(fme0))).mode & 0o777).toBe(0o644);
  });

  it('changes nothing when the file is right', async () => {
    const { files, pathOf } = await fixture();
    await files.sync([fme0]);
    const before = await changeTime(pathOf(fme0));
    await files.ensure(fme0);
    expect(await changeTime(pathOf(fme0))).toBe(before);
  });

  it('rejects when something else lies in the place of the directory, and goes on when it does not', async () => {
    const { directory, files, pathOf } = await fixture();
    await mkdir(join(directory, '..'), { recursive: true });
    await writeFile(directory, 'a file');
    await expect(files.ensure(fme0)).rejects.toMatchObject({
      code: 'CDI_SPEC_WRITE',
      message: expect.stringContaining(pathOf(fme0)) as string,
      cause: { code: 'EEXIST' },
    });
    await unlink(directory);
    await files.ensure(fme0);
    expect(await readdir(directory)).toEqual([cdiFileName(fme0)]);
  });

  it('rejects an invalid device', async () => {
    const { files } = await fixture();
    await expect(files.ensure(invalid)).rejects.toMatchObject({ code: 'CDI_SPEC_INVALID' });
  });
});
