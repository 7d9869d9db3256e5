// SPDX-License-Identifier: Apache-2.0
import { chmod, copyFile, mkdir, realpath, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isMissing } from '@kube-device-plugins/core';
import { ImageError } from '../image-error.ts';
import type { Architecture } from '../options.ts';
import { type DebianPackage, librariesOf } from './debian-libraries.ts';

/** What a base is made of. */
export interface BaseParts {
  readonly architecture: Architecture;
  /** The npm package with Node.js. */
  readonly node: string;
  readonly packages: readonly DebianPackage[];
}

/** Folder of libraries, and where the kernel looks for the one that loads them (PT_INTERP; the ABI of each processor says so). */
const places: Readonly<Record<Architecture, { readonly triplet: string; readonly loader: string }>> = {
  amd64: { triplet: 'x86_64-linux-gnu', loader: 'lib64/ld-linux-x86-64.so.2' },
  arm64: { triplet: 'aarch64-linux-gnu', loader: 'lib/ld-linux-aarch64.so.1' },
};

/** As in distroless images, so that a manifest finds the same users in both. */
const passwd = `root:x:0:0:root:/root:/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin
nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin
`;
const group = 'root:x:0:\nnobody:x:65534:\nnonroot:x:65532:\n';

/**
 * Lays out in `to` what build/docker/base.Dockerfile copies: `system`, the libraries with their licences and what scanners look for
 * (/etc/os-release, /var/lib/dpkg/status.d), and `node`. Certificates of the web and time zones are not in it: no plugin uses them.
 *
 * @throws ImageError where a library is missing.
 */
export async function layOutBase(to: string, { architecture, node, packages }: BaseParts): Promise<void> {
  const system = join(to, 'system');
  const { triplet, loader } = places[architecture];
  for (const { name, control, root } of packages) {
    for (const library of librariesOf[name] ?? [])
      await copyFound(root, libraryPaths(triplet, library), join(system, 'lib', triplet, library));
    // Of this machine for another architecture too: it is the same text.
    await copyFound('/', [`usr/share/doc/${name}/copyright`], join(system, 'usr/share/doc', name, 'copyright'));
    await write(join(system, 'var/lib/dpkg/status.d', name), control);
  }
  const libc = packages.find(({ name }) => name === 'libc6');
  await copyFound(
    libc?.root ?? '/',
    [loader, ...libraryPaths(triplet, loader.replace(/.*\//, ''))],
    join(system, loader),
  );
  await copyFound('/', ['etc/os-release', 'usr/lib/os-release'], join(system, 'etc/os-release'));
  await write(join(system, 'etc/passwd'), passwd);
  await write(join(system, 'etc/group'), group);
  await write(join(system, 'etc/nsswitch.conf'), 'hosts: files dns\n');
  await mkdir(join(system, 'tmp'), { recursive: true });
  await chmod(join(system, 'tmp'), 0o1777);
  await copyFound(node, ['bin/node'], join(to, 'node/nodejs/bin/node'), 0o755);
  await copyFound(node, ['LICENSE'], join(to, 'node/nodejs/LICENSE'));
}

function libraryPaths(triplet: string, library: string): readonly string[] {
  return [`lib/${triplet}/${library}`, `usr/lib/${triplet}/${library}`];
}

/** Copies the first of these that is there, never through a link out of `root`. */
async function copyFound(root: string, paths: readonly string[], to: string, mode = 0o644): Promise<void> {
  for (const path of paths) {
    const from = await realpath(join(root, path)).catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    if (from === undefined || !from.startsWith(await realpath(root))) continue;
    await mkdir(dirname(to), { recursive: true });
    await copyFile(from, to);
    // The loader is started as a program by ldd(1) only, but as a library it needs no more than others.
    await chmod(to, /\.so\.\d+$/.test(to) && to.includes('/ld-') ? 0o755 : mode);
    return;
  }
  throw new ImageError(`there is no ${paths.join(' and no ')} in ${root}`);
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
