// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../..');
const scope = '@kube-device-plugins';
/** What is installed or made, and what belongs to this checkout alone. */
const left = new Set(['.git', '.nx', 'coverage', 'node_modules']);

/** This repository as a checkout has it, with what is built and installed, for a test to change and to throw away. */
export class WorkspaceCopy implements AsyncDisposable {
  readonly root: string;

  constructor(directory: string) {
    this.root = directory;
  }

  static async make(): Promise<WorkspaceCopy> {
    const copy = new WorkspaceCopy(await realpath(await mkdtemp(join(tmpdir(), 'kdp-'))));
    const names = (await readdir(root)).filter((name) => !left.has(name));
    const isSource = (path: string): boolean => !path.endsWith('/node_modules');
    await Promise.all(
      names.map((name) => cp(join(root, name), join(copy.root, name), { recursive: true, filter: isSource })),
    );
    await copy.#linkModules();
    return copy;
  }

  /** Runs a program of node_modules/.bin, or `node`, in the copy. Rejects with all it printed when it fails. */
  async run(name: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
    const bin = join(this.root, 'node_modules/.bin');
    const program = name === 'node' ? args : [join(bin, name), ...args];
    const path = [dirname(process.execPath), bin, process.env['PATH']].join(delimiter);
    try {
      const { stdout, stderr } = await promisify(execFile)(process.execPath, program, {
        cwd: this.root,
        env: { ...cleanEnvironment(), PATH: path, ...env },
        maxBuffer: 64 * 1024 * 1024,
      });
      return stdout + stderr;
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      throw new Error(`${name} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }

  /** Packages of others are those of this checkout; our own are those of the copy. */
  async #linkModules(): Promise<void> {
    const modules = join(this.root, 'node_modules');
    await mkdir(join(modules, scope), { recursive: true });
    for (const name of await readdir(join(root, 'node_modules'))) {
      // Not what tools and npm keep of this checkout.
      if (![scope, '.cache', '.package-lock.json'].includes(name))
        await symlink(join(root, 'node_modules', name), join(modules, name));
    }
    for (const name of await readdir(join(root, 'node_modules', scope))) {
      const target = await realpath(join(root, 'node_modules', scope, name));
      await symlink(join(this.root, target.slice(root.length)), join(modules, scope, name));
    }
  }
}

/** Without what vitest and npm set for this process, and with nx as tools/workspace.mjs starts it. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|vitest|vite_|node_options$|node_env$|test$)/i.test(name),
  );
  const nx = {
    NX_DAEMON: 'false',
    NX_ISOLATE_PLUGINS: 'false',
    NX_SKIP_NATIVE_FILE_CACHE: 'true',
    NX_NO_CLOUD: 'true',
  };
  return { ...Object.fromEntries(inherited), ...nx, CI: 'true', NO_COLOR: '1' };
}
