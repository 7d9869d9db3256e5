// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ImageError } from '../image-error.ts';
import { capture, type Run, run } from '../run-command.ts';

/**
 * The folder of an npm package, at the version of package-lock.json: the installed one or, as npm installs nothing for another
 * architecture, one from the registry, kept in `cache`.
 *
 * @throws ImageError when npm has no such package, or another one than the lock says.
 */
export async function lockedPackage(root: string, name: string, cache: string, options: Run): Promise<string> {
  const installed = join(root, 'node_modules', name);
  if (existsSync(join(installed, 'package.json'))) return installed;
  const { version, integrity } = await lockEntry(root, name);
  const folder = join(cache, `${name.replace('/', '-')}-${version}`);
  if (existsSync(folder)) return folder;
  await mkdir(dirname(folder), { recursive: true });
  const scratch = await mkdtemp(`${folder}-`);
  try {
    console.error(`Fetching ${name} ${version} …`);
    const spec = `${name}@${version}`;
    const packed = await capture(['npm', 'pack', '--silent', '--pack-destination', scratch, spec], options);
    const file = join(scratch, basename(packed.trim()));
    const digest = createHash('sha512')
      .update(await readFile(file))
      .digest('base64');
    if (`sha512-${digest}` !== integrity)
      throw new ImageError(
        `the registry's ${spec} is not the one of package-lock.json: ask for another registry, or run npm install`,
      );
    await run(['tar', '-xzf', file, '-C', scratch], options);
    await rename(join(scratch, 'package'), folder);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return folder;
}

async function lockEntry(root: string, name: string): Promise<{ version: string; integrity: string }> {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version?: string; integrity?: string }>;
  };
  const { version, integrity } = lock.packages[`node_modules/${name}`] ?? {};
  if (version === undefined || integrity === undefined) throw new ImageError(`package-lock.json has no ${name}`);
  return { version, integrity };
}
