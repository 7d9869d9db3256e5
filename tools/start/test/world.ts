// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The simple plugin from its sources, so that no build has to come first. */
export const pluginFile = fileURLToPath(new URL('../../../packages/simple-plugin/src/main.ts', import.meta.url));

/** A directory for temporary files of this process and its children alone: what is left in it afterwards was left behind. */
export interface World extends AsyncDisposable {
  readonly temporary: string;
  /** Writes a program and gives its file. */
  program(source: string): Promise<string>;
}

export async function createWorld(): Promise<World> {
  const before = process.env.TMPDIR;
  const root = await mkdtemp(join(tmpdir(), 'kdp-'));
  const temporary = await mkdtemp(join(root, 't'));
  process.env.TMPDIR = temporary;
  return {
    temporary,
    program: async (source) => {
      const file = join(root, 'program.mjs');
      await writeFile(file, source);
      return file;
    },
    [Symbol.asyncDispose]: async () => {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
      await rm(root, { recursive: true });
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
