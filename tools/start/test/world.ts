// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The simple plugin from its sources, so that no build has to come first. */
export const pluginFile = fileURLToPath(new URL('../../../packages/simple-plugin/src/main.ts', import.meta.url));

/** A directory for temporary files of this process and its children alone. */
export interface World {
  /** Outside the directory for temporary files. */
  readonly directory: string;
  /** Writes a program and gives its file. */
  program(source: string): Promise<string>;
  /** Removes everything, and gives the names of the temporary files that were left behind. */
  end(): Promise<string[]>;
}

export async function createWorld(): Promise<World> {
  const before = process.env.TMPDIR;
  const directory = await mkdtemp(join(tmpdir(), 'kdp-'));
  const temporary = join(directory, 't');
  await mkdir(temporary);
  process.env.TMPDIR = temporary;
  // Would be part of the ids of simulated devices.
  delete process.env.NODE_NAME;
  return {
    directory,
    program: async (source) => {
      const file = join(directory, 'program.mjs');
      await writeFile(file, source);
      return file;
    },
    end: async () => {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
      const left = await readdir(temporary);
      await rm(directory, { recursive: true });
      return left;
    },
  };
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
