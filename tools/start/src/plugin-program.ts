// SPDX-License-Identifier: Apache-2.0
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, parse } from 'node:path';
import { StartError } from './start-error.ts';

/** A plugin that can be started. */
export interface PluginProgram {
  /** Name of its folder, or of a file that stands alone. */
  readonly name: string;
  readonly file: string;
  /** Whether it is the simple plugin of the workspace, for which there is a configuration with the devices of this host. */
  readonly isSimplePlugin: boolean;
}

/**
 * Finds the program of a plugin: a name is that of a folder in packages/, built or not; anything else is a file, or the folder of a plugin.
 *
 * @param root - the workspace.
 * @throws StartError that names the plugins there are, when there is no such plugin.
 */
export async function findPlugin(given: string, root: string): Promise<PluginProgram> {
  for (const file of candidates(given, root)) {
    if (await isFile(file))
      return { name: nameOf(file), file, isSimplePlugin: programs('simple-plugin', root).includes(file) };
  }
  const names = (await readdir(join(root, 'packages'))).filter((name) => name.endsWith('-plugin'));
  throw new StartError(`there is no plugin ${given}: give the file of one, its folder, or one of ${names.join(', ')}`);
}

function candidates(given: string, root: string): string[] {
  const ofFolder = ['main.mjs', 'src/main.ts', 'main.ts'].map((program) => join(given, program));
  return [...(/^[\w-]+$/.test(given) ? programs(given, root) : []), given, ...ofFolder];
}

/** The bundle is what nodes run; without one the sources do. */
function programs(name: string, root: string): string[] {
  return [join(root, 'dist', name, 'main.mjs'), join(root, 'packages', name, 'src/main.ts')];
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

function nameOf(file: string): string {
  const { name, dir } = parse(file);
  if (name !== 'main') return name;
  return basename(basename(dir) === 'src' ? dirname(dir) : dir) || name;
}
