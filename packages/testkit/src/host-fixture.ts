// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { lstat, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { promisify } from 'node:util';
import { DevicePluginError, extractCapture, isMissing } from '@kube-device-plugins/core';

/** What lies at a path of a fixture: text is a file. */
export type FixtureEntry = string | FixtureLink | FixtureDir | FixtureNode | FixtureSilence;

/** Path below the root → what lies there; the directories on the way are made. */
export type FixtureTree = Readonly<Record<string, FixtureEntry>>;

export interface FixtureLink {
  readonly kind: 'link';
  readonly target: string;
}

export interface FixtureDir {
  readonly kind: 'dir';
}

export interface FixtureNode {
  readonly kind: 'node';
  /** Character or block device. */
  readonly type: 'c' | 'b';
  readonly major: number;
  readonly minor: number;
}

export interface FixtureSilence {
  readonly kind: 'silence';
}

/** A symlink; the target is taken as it is and may be missing. */
export function link(target: string): FixtureLink {
  return { kind: 'link', target };
}

/** An empty directory. */
export function dir(): FixtureDir {
  return { kind: 'dir' };
}

/**
 * A device node. Without the right to make one, which only root has, it is a file with the text `c 226:128`,
 * which core's `Host` takes for a node below any root but `/`.
 */
export function node(type: 'c' | 'b', major: number, minor: number): FixtureNode {
  return { kind: 'node', type, major, minor };
}

/** A file that never answers a read, as of a device whose firmware hangs. */
export function silence(): FixtureSilence {
  return { kind: 'silence' };
}

/**
 * Makes a tree of files, such as a piece of /sys and /dev, in a temporary directory. Nothing is ever written outside it.
 *
 * @throws DevicePluginError `FIXTURE_INVALID` for a path that leads out of the root, by itself or over symlinks.
 */
export async function hostFixture(tree: FixtureTree): Promise<HostFixture> {
  const fixture = new HostFixture(await realpath(await mkdtemp(join(tmpdir(), 'kdp-'))));
  try {
    await fixture.add(tree);
  } catch (error) {
    await fixture.dispose();
    throw error;
  }
  return fixture;
}

/** A tree of files that a test changes and finally throws away. */
export class HostFixture implements AsyncDisposable {
  /** What to give to `new Host(root)`. */
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /**
   * The host of a capture that `kdp capture` made, such as one of a bug report.
   *
   * @throws DevicePluginError `CAPTURE_INVALID`
   */
  static async fromCapture(path: string): Promise<HostFixture> {
    return new HostFixture((await extractCapture(path)).root);
  }

  /** Where a path of the fixture lies. */
  path(path: string): string {
    const below = posix.normalize(path).replace(/^\/+|\/+$/g, '');
    if (below === '' || below === '.' || below === '..' || below.startsWith('../') || path.includes('\0')) {
      throw new DevicePluginError(
        'FIXTURE_INVALID',
        `${JSON.stringify(path)} is not a path below the root of the fixture`,
      );
    }
    return join(this.root, below);
  }

  /** Adds these to the tree, in their order, replacing what is there. */
  async add(tree: FixtureTree): Promise<void> {
    for (const [path, entry] of Object.entries(tree)) {
      await put(await this.#place(path), entry);
    }
  }

  async write(path: string, content: string): Promise<void> {
    await this.add({ [path]: content });
  }

  async link(path: string, target: string): Promise<void> {
    await this.add({ [path]: link(target) });
  }

  /** Removes a file, a link (not what it points to) or a directory with all that is in it; nothing when there is none. */
  async remove(path: string): Promise<void> {
    await this.#mustBeInside(this.path(path));
    await rm(this.path(path), { recursive: true, force: true });
  }

  async dispose(): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  async #place(path: string): Promise<string> {
    const place = this.path(path);
    await this.#mustBeInside(place);
    await mkdir(posix.dirname(place), { recursive: true });
    return place;
  }

  /** Symlinks may lead anywhere; nothing is changed behind one that leads out. */
  async #mustBeInside(place: string): Promise<void> {
    const parent = await deepestExisting(posix.dirname(place));
    if (parent === this.root || parent.startsWith(`${this.root}/`)) return;
    throw new DevicePluginError('FIXTURE_INVALID', `${place} leads to ${parent}, which is outside of the fixture`);
  }
}

/** The real path of this directory, or of the first one above it that there is. */
async function deepestExisting(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
    return await deepestExisting(posix.dirname(path));
  }
}

/** A file that is written again keeps its inode, and a directory what is in it. */
async function put(place: string, entry: FixtureEntry): Promise<void> {
  const found = await lstat(place).catch(() => undefined);
  const kind = typeof entry === 'string' ? 'file' : entry.kind;
  const stays = (kind === 'file' && found?.isFile()) || (kind === 'dir' && found?.isDirectory());
  if (stays !== true) await rm(place, { recursive: true, force: true });
  // At once, so that nothing in this process reads a file that is empty because it is about to be written.
  if (typeof entry === 'string') writeFileSync(place, entry);
  else if (entry.kind === 'dir') await mkdir(place, { recursive: true });
  else if (entry.kind === 'link') await symlink(entry.target, place);
  else if (entry.kind === 'node') await makeNode(place, entry);
  else await promisify(execFile)('mkfifo', ['-m', '600', place]);
}

async function makeNode(place: string, { type, major, minor }: FixtureNode): Promise<void> {
  try {
    await promisify(execFile)('mknod', ['-m', '600', place, type, String(major), String(minor)]);
  } catch {
    await writeFile(place, `${type} ${major}:${minor}\n`);
  }
}
