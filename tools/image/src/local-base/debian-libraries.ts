// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ImageError } from '../image-error.ts';
import type { Architecture } from '../options.ts';
import { capture, type Command, type Run, run, succeeds } from '../run-command.ts';

/** A Debian package as it is unpacked. */
export interface DebianPackage {
  readonly name: string;
  /** Its fields, as dpkg writes them. */
  readonly control: string;
  /** Its files lie below this: the root of this machine, or a folder. */
  readonly root: string;
}

/** What Node.js is linked with; `readelf --dynamic` shows it. */
export const librariesOf: Readonly<Record<string, readonly string[]>> = {
  libc6: ['libc.so.6', 'libdl.so.2', 'libm.so.6', 'libpthread.so.0', 'librt.so.1'],
  'libgcc-s1': ['libgcc_s.so.1'],
  'libstdc++6': ['libstdc++.so.6'],
};

/**
 * The packages with the libraries of Node.js: those of this machine or, for another architecture, those of the same Debian release,
 * by apt with lists of its own, kept in `cache`.
 *
 * @throws ImageError where there is no dpkg.
 */
export async function debianPackages(
  architecture: Architecture,
  native: Architecture,
  cache: string,
  options: Run,
): Promise<readonly DebianPackage[]> {
  if (!(await succeeds(['dpkg-query', '--version'], options)))
    throw new ImageError(
      '--local-base takes libraries of Debian, and there is no dpkg here: name an image with --base',
    );
  if (architecture === native) {
    return await Promise.all(Object.keys(librariesOf).map((name) => installedPackage(name, options)));
  }
  return await foreignPackages(architecture, join(cache, `debian-${architecture}`), options);
}

async function installedPackage(name: string, options: Run): Promise<DebianPackage> {
  return { name, control: await capture(['dpkg-query', '--status', name], options), root: '/' };
}

async function foreignPackages(architecture: Architecture, folder: string, options: Run): Promise<DebianPackage[]> {
  if (!existsSync(folder)) await download(architecture, folder, options);
  const files = (await readdir(folder)).filter((name) => name.endsWith('.deb'));
  return await Promise.all(
    Object.keys(librariesOf).map(async (name) => {
      const file = files.find((candidate) => candidate.startsWith(`${name}_`));
      if (file === undefined) throw new ImageError(`${folder} has no package ${name}: remove the folder`);
      const control = await capture(['dpkg-deb', '--field', join(folder, file)], options);
      return { name, control: `Status: install ok installed\n${control}`, root: join(folder, name) };
    }),
  );
}

/** Into a folder that is there when it is complete. */
async function download(architecture: Architecture, folder: string, options: Run): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const fresh = await mkdtemp(`${folder}-`);
  try {
    console.error(`Fetching Debian's libraries for ${architecture} …`);
    for (const name of ['state/lists/partial', 'cache/archives/partial'])
      await mkdir(join(fresh, name), { recursive: true });
    const inFresh = { ...options, cwd: fresh };
    await capture(aptCommand(architecture, fresh, 'update'), inFresh);
    await capture(aptCommand(architecture, fresh, 'download', ...Object.keys(librariesOf)), inFresh);
    const debs = (await readdir(fresh)).filter((name) => name.endsWith('.deb'));
    for (const deb of debs) await run(['dpkg-deb', '--extract', deb, deb.slice(0, deb.indexOf('_'))], inFresh);
    for (const name of ['state', 'cache']) await rm(join(fresh, name), { recursive: true });
    await rename(fresh, folder);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

/** Sources and keys are the machine's, so what comes is signed; the rest is the folder's, so the machine's lists stay as they are. */
function aptCommand(architecture: Architecture, folder: string, ...words: readonly string[]): Command {
  const settings = [
    `Dir::State=${folder}/state`,
    `Dir::Cache=${folder}/cache`,
    'Dir::State::status=/dev/null',
    `APT::Architecture=${architecture}`,
    `APT::Architectures=${architecture}`,
    // The user _apt may not write here.
    'APT::Sandbox::User=root',
  ];
  return ['apt-get', '--quiet', ...settings.flatMap((setting) => ['-o', setting]), ...words];
}
