// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** What the tests of images need of a machine and is not there, with the remedy; undefined when all is. */
export function missingForContainers(): string | undefined {
  const missing = ['buildah', 'podman', 'runc', 'conmon'].filter((name) => !isOnPath(name));
  if (missing.length > 0) return `${missing.join(', ')}: apt-get install ${missing.join(' ')}`;
  return process.getuid?.() === 0 ? undefined : 'the rights of root, for limits of memory: run them as root';
}

/** A storage of images of its own: the machine's is neither read nor written. */
export class ContainerStorage {
  readonly directory: string;
  /** For docker's relatives, which find the storage by it. */
  readonly env: Readonly<Record<string, string>>;

  private constructor(directory: string) {
    this.directory = directory;
    const inherited = ['PATH', 'HOME', 'TMPDIR'].flatMap((name) => [[name, process.env[name] ?? '']] as const);
    this.env = {
      ...Object.fromEntries(inherited.filter(([, value]) => value !== '')),
      CONTAINERS_STORAGE_CONF: join(directory, 'storage.conf'),
    };
  }

  static async make(): Promise<ContainerStorage> {
    const storage = new ContainerStorage(await mkdtemp(join(tmpdir(), 'kdp-')));
    await storage.#configure('overlay');
    // Below another overlay there is none.
    await storage.run('buildah', 'info').catch(() => storage.#configure('vfs'));
    return storage;
  }

  /** Runs one of the tools, or any other program, to its end. Returns what it printed. */
  async run(file: string, ...args: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
    return await execute(file, args, { env: { ...this.env }, cwd: this.directory, maxBuffer: 16 * 1024 * 1024 });
  }

  async remove(): Promise<void> {
    // Mounts that the tools leave, the last one first.
    const mounts = readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[1] ?? '');
    for (const path of mounts.filter((mount) => mount.startsWith(`${this.directory}/`)).reverse())
      await execute('umount', [path]).catch(() => undefined);
    await rm(this.directory, { recursive: true, force: true });
  }

  async #configure(driver: string): Promise<void> {
    const lines = [
      '[storage]',
      `driver = "${driver}"`,
      ...['graphroot', 'runroot'].map((name) => `${name} = "${join(this.directory, `${driver}-${name}`)}"`),
    ];
    await writeFile(join(this.directory, 'storage.conf'), `${lines.join('\n')}\n`);
  }
}

/**
 * The command that runs an image as a DaemonSet does, and more strictly: nothing writable but what is mounted, no rights, no network,
 * little memory. The limits of files and processes are for a root without CAP_SYS_RESOURCE, who may not keep podman's.
 */
export function strictly(memory: string, mounts: Readonly<Record<string, string>>): readonly [string, ...string[]] {
  return [
    ...(['podman', '--runtime', 'runc', '--cgroup-manager', 'cgroupfs', 'run', '--rm', '--pull', 'never'] as const),
    ...['--network', 'none', '--read-only', '--read-only-tmpfs=false', '--cap-drop=ALL'],
    ...['--security-opt', 'no-new-privileges', '--memory', memory],
    ...['--ulimit', 'nofile=16384:16384', '--ulimit', 'nproc=16384:16384'],
    ...Object.entries(mounts).flatMap(([from, to]) => ['-v', `${from}:${to}`]),
  ];
}

/** The beginning of a command that is run in a folder: podman's helper leaves a file where it was started when memory runs out. */
export function inFolder(folder: string): readonly [string, ...string[]] {
  return ['env', '--chdir', folder];
}

function isOnPath(name: string): boolean {
  // Where Debian has runc, which a user's PATH may lack.
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
