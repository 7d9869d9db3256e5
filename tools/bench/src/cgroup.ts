// SPDX-License-Identifier: Apache-2.0
import { access, constants, mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A control group of the kernel's, to be removed by the end of the caller's scope. */
export interface Cgroup extends AsyncDisposable {
  readonly path: string;
  add(pid: number): Promise<void>;
}

/** How a group is made with one version of cgroups. */
export interface CgroupLayout {
  /** Directories that the path of a process in /proc/self/cgroup is below. */
  readonly parents: readonly string[];
  /** Files that have to be there, and what is written to them. */
  readonly files: readonly { readonly name: string; readonly value?: string }[];
}

/**
 * Makes one below the cgroup of this process or below the root, with the first layout that can be had; undefined where none is allowed.
 *
 * @param controller - `cpu` or `memory`.
 * Source: Linux, Documentation/admin-guide/cgroup-v1/cgroups.rst and Documentation/admin-guide/cgroup-v2.rst.
 */
export async function createCgroup(controller: string, layouts: readonly CgroupLayout[]): Promise<Cgroup | undefined> {
  const own = await ownCgroups(controller);
  for (const { parents, files } of layouts) {
    for (const parent of parents.flatMap((root) => own.map((path) => join(root, path)))) {
      const group = await tryCreate(join(parent, `kdp-bench-${process.pid}`), files);
      if (group !== undefined) return group;
    }
  }
  return undefined;
}

async function ownCgroups(controller: string): Promise<string[]> {
  const lines = (await readFile('/proc/self/cgroup', 'utf8').catch(() => '')).trim().split('\n');
  const fields = lines.map((line) => line.split(':', 3));
  const own = fields.filter(([, names = '']) => names === '' || names.split(',').includes(controller));
  return [...new Set([...own.map(([, , path = '/']) => path), '/'])];
}

async function tryCreate(path: string, files: CgroupLayout['files']): Promise<Cgroup | undefined> {
  try {
    await mkdir(path);
  } catch {
    return undefined;
  }
  try {
    for (const { name, value } of files) {
      // A file that is missing must not be made: in an ordinary directory that would work.
      await access(join(path, name), value === undefined ? constants.R_OK : constants.W_OK);
      if (value !== undefined) await writeFile(join(path, name), value);
    }
  } catch {
    await rmdir(path);
    return undefined;
  }
  return {
    path,
    add: (pid) => writeFile(join(path, 'cgroup.procs'), String(pid)),
    [Symbol.asyncDispose]: () => removeGroup(path),
  };
}

/** A process that was just killed stays in its cgroup for a moment. */
async function removeGroup(path: string): Promise<void> {
  for (let attempts = 0; ; attempts += 1) {
    try {
      await rmdir(path);
      return;
    } catch (error) {
      if (attempts === 50) throw error;
      await sleep(100);
    }
  }
}
