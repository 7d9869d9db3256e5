// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Path → text of a file, target of a symlink, or null for a directory. */
export type HostTree = Readonly<Record<string, string | { readonly link: string } | null>>;

/** A temporary directory that goes when the test ends. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'kdp-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Writes a tree into a temporary directory and returns its root. */
export async function hostTree(tree: HostTree): Promise<string> {
  const root = await temporaryDirectory();
  for (const [path, content] of Object.entries(tree)) {
    await mkdir(join(root, content === null ? path : dirname(path)), { recursive: true });
    if (typeof content === 'string') await writeFile(join(root, path), content);
    else if (content !== null) await symlink(content.link, join(root, path));
  }
  return root;
}
