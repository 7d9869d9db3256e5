// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { HardwareProgram } from './plugin-under-test.ts';
import type { Settings } from './settings.ts';

/** Where programs find what they work with: the root of the hardware, and `plugins`, `cdi` and `files`. */
export interface Place {
  readonly host: string;
  readonly directory: string;
}

/** The programs of a plugin, as they are built. */
export interface Programs {
  readonly description: string;
  /** Of the command line: a plugin has no environment but what it is given, an engine that of this process. */
  readonly env: Readonly<Record<string, string>>;
  /** The command line of the plugin. */
  command(flags: readonly string[], place: Place): [string, ...string[]];
  /** Runs the program that makes the hardware. */
  make(program: HardwareProgram, args: readonly string[], place: Place): Promise<void>;
}

/** Bundles in dist, run by the Node that runs this. */
export class BundlePrograms implements Programs {
  readonly description: string;
  readonly env = { NODE_NAME: 'e2e' };
  readonly #directory: string;

  constructor(directory: string) {
    const main = join(directory, 'main.mjs');
    if (!existsSync(main)) throw new Error(`there is no ${main}: npm run build makes it`);
    this.#directory = directory;
    this.description = 'bundle';
  }

  command(flags: readonly string[], { host, directory }: Place): [string, ...string[]] {
    const directories = ['-device-plugin-path', join(directory, 'plugins'), '-cdi-dir', join(directory, 'cdi')];
    const rest = ['-metrics-bind-address', '0', '-prefix', host];
    return [process.execPath, join(this.#directory, 'main.mjs'), ...directories, ...rest, ...flags];
  }

  async make({ bundle }: HardwareProgram, args: readonly string[], { host }: Place): Promise<void> {
    await promisify(execFile)(process.execPath, [join(this.#directory, `${bundle}.mjs`), ...args], { cwd: host });
  }
}

/** Containers of the image as the manifests run it: without network, capabilities or anything to write to but its sockets. */
export class ImagePrograms implements Programs {
  readonly description: string;
  readonly env = process.env as Record<string, string>;
  readonly #engine: string;
  readonly #image: string;

  constructor(engine: string, { image }: Pick<Settings, 'image'>) {
    this.#engine = engine;
    this.#image = `${image.newName}:${image.newTag}`;
    this.description = `image ${this.#image} with ${engine}`;
  }

  command(flags: readonly string[], place: Place): [string, ...string[]] {
    const { host, directory } = place;
    const volumes = [
      `${join(directory, 'plugins')}:/var/lib/kubelet/device-plugins:rw`,
      `${join(directory, 'cdi')}:/var/run/cdi:rw`,
      `${join(directory, 'files')}:${join(directory, 'files')}:ro`,
      `${host}:${host}:ro`,
    ];
    const env = ['--env', 'NODE_NAME=e2e'];
    return [this.#engine, ...this.#run(volumes, env), this.#image, '-prefix', host, ...flags];
  }

  async make({ command }: HardwareProgram, args: readonly string[], { host, directory }: Place): Promise<void> {
    const files = join(directory, 'files');
    const entry = ['--entrypoint', `/usr/local/bin/${command}`, '--workdir', host];
    const run = this.#run([`${host}:${host}:rw`, `${files}:${files}:ro`], entry);
    await promisify(execFile)(this.#engine, [...run, this.#image, ...args]);
  }

  /** The limits of open files and processes are no higher than those of a root without CAP_SYS_RESOURCE. */
  #run(volumes: readonly string[], rest: readonly string[]): string[] {
    const isPodman = /(^|\/)podman$/.test(this.#engine);
    return [
      ...(isPodman ? ['--runtime', 'runc', '--cgroup-manager', 'cgroupfs'] : []),
      ...['run', '--rm', '--pull', 'never', '--network', 'none', '--read-only', '--cap-drop=ALL'],
      ...['--security-opt', 'no-new-privileges', '--ulimit', 'nofile=16384:16384', '--ulimit', 'nproc=16384:16384'],
      ...volumes.flatMap((volume) => ['--volume', volume]),
      ...rest,
    ];
  }
}
