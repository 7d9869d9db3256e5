// SPDX-License-Identifier: Apache-2.0
import { chmod, copyFile, readdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { DevicePluginError, makeDirectory } from '@kube-device-plugins/core';

/** What goes where. */
export interface Installation {
  /** The Node.js that runs the programs. */
  readonly node: string;
  /** Directory with the bundles, and what lies beside them for them. */
  readonly from: string;
  /** Directory of the host; it has the same path there and here. */
  readonly to: string;
}

/** Names that container runtimes and administrators know, from upstream, and the bundles they stand for. */
const programs = { 'intel-fpga-crihook': 'fpga-crihook.mjs', fpga_tool: 'fpga-tool.mjs' };

/**
 * Installs Node.js, the bundles and one file for each program that starts it, without a shell. Returns how many files there are.
 * Each file takes its place in one step, so that a hook which runs meanwhile has the old one or the new one.
 *
 * @throws DevicePluginError `FILE_WRITE`.
 */
export async function installPrograms({ node, from, to }: Installation): Promise<number> {
  try {
    const bundles = await bundledFiles(from);
    for (const file of bundles) await replace(join(to, 'app', file), (fresh) => copyFile(join(from, file), fresh));
    await replace(join(to, 'node'), (fresh) => copyFile(node, fresh));
    for (const [name, bundle] of Object.entries(programs))
      await replace(join(to, name), (fresh) => writeFile(fresh, starterOf(to, bundle)));
    return bundles.length + 1 + Object.keys(programs).length;
  } catch (cause) {
    throw new DevicePluginError('FILE_WRITE', `cannot install programs to ${to}: mount it writable`, { cause });
  }
}

/** All but what only the plugin needs. */
async function bundledFiles(from: string): Promise<readonly string[]> {
  const entries = await readdir(from, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(from, join(parentPath, name)));
  return files.filter((file) => !/^(?:main\.(?:mjs|js|cache)|fpga-init\.mjs)$|\.map$/.test(file)).sort();
}

/** A script whose interpreter is the Node.js beside it. */
function starterOf(to: string, bundle: string): string {
  return `#!${to}/node\nimport(${JSON.stringify(`${to}/app/${bundle}`)});\n`;
}

async function replace(path: string, write: (fresh: string) => Promise<void>): Promise<void> {
  await makeDirectory(dirname(path));
  const fresh = `${path}.new`;
  await write(fresh);
  await chmod(fresh, 0o755);
  await rename(fresh, path);
}
