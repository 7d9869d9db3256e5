// SPDX-License-Identifier: Apache-2.0
import { existsSync, lstatSync, readFileSync, readlinkSync, realpathSync, type BigIntStats } from 'node:fs';
import { posix } from 'node:path';
import {
  deviceNodeOf,
  DevicePluginError,
  isMissing,
  maxCaptureBytes,
  messageOf,
  type CaptureEntry,
  type DeviceNode,
  type UnreadablePath,
} from '@kube-device-plugins/core';
import type { HostRead } from '../plugins/recording-host.ts';

/** What was read of a host as a tree that can be read in its place, by paths below the root, and what is not in it. */
export interface CollectedEntries {
  readonly entries: ReadonlyMap<string, CaptureEntry>;
  readonly absent: readonly string[];
  readonly unreadable: readonly UnreadablePath[];
  readonly outside: readonly string[];
}

/**
 * Makes a tree of what a plugin read, in which it reads the same. Texts are those that it saw; of what it only listed or looked for,
 * the kind is taken, and no file is opened. Nothing is taken but /sys and /dev, and what symlinks lead to there.
 *
 * What could not be read cannot be read in the tree either: an empty directory stands for a file, and a symlink to itself for a directory.
 *
 * @param root - where the host lies.
 * @throws DevicePluginError `CAPTURE_INVALID` when it is too much.
 */
export function collectEntries(root: string, reads: ReadonlyMap<string, HostRead>): CollectedEntries {
  const collection = new Collection(existsSync(root) ? realpathSync.native(root) : root);
  for (const [path, read] of reads) collection.add(path, read);
  return collection.result();
}

/** Where a path leads. */
type Trace =
  | { readonly kind: 'found'; readonly path: string; readonly stats: BigIntStats }
  | { readonly kind: 'absent' }
  | { readonly kind: 'outside' }
  /** `path` is the directory that could not be searched. */
  | { readonly kind: 'unreadable'; readonly path: string; readonly error: unknown };

class Collection {
  readonly #root: string;
  readonly #kinds = new Map<string, CaptureEntry>();
  readonly #texts = new Map<string, CaptureEntry>();
  readonly #blocked = new Map<string, CaptureEntry>();
  readonly #absent = new Set<string>();
  readonly #outside = new Set<string>();
  readonly #unreadable = new Map<string, string>();
  #bytes = 0;

  constructor(root: string) {
    this.#root = root;
  }

  add(path: string, read: HostRead): void {
    const trace = this.#trace(path);
    if (trace.kind === 'absent') this.#absent.add(path);
    else if (trace.kind === 'outside') this.#outside.add(path);
    else if (trace.kind === 'unreadable') this.#block(path, trace.path, 'directory', trace.error);
    else this.#addFound(path, trace, read);
  }

  result(): CollectedEntries {
    const entries = new Map([...this.#kinds, ...this.#texts, ...this.#blocked]);
    for (const path of [...entries.keys()]) if (isBelowAny(path, this.#blocked)) entries.delete(path);
    return {
      entries: new Map([...entries].sort(([a], [b]) => (a < b ? -1 : 1))),
      absent: [...this.#absent].sort(),
      unreadable: [...this.#unreadable].sort().map(([path, errno]) => ({ path, errno })),
      outside: [...this.#outside].sort(),
    };
  }

  #addFound(path: string, found: Trace & { kind: 'found' }, { text, names = [], node, failure }: HostRead): void {
    this.#set(this.#kinds, found.path, this.#kindOf(found.path, found.stats));
    if (node !== undefined) this.#set(this.#texts, found.path, nodeFile(node));
    if (text !== undefined) this.#set(this.#texts, found.path, { kind: 'file', text: `${text}\n` });
    if (failure !== undefined) this.#block(path, found.path, failure.as, failure.error);
    for (const name of names) this.#addName(posix.join(found.path, name));
  }

  /** One of the names in a directory, of which nothing else may be known. */
  #addName(path: string): void {
    const stats = lstatSync(posix.join(this.#root, path), { bigint: true, throwIfNoEntry: false });
    if (stats?.isSymbolicLink() === true) this.#addLink(path);
    else if (stats !== undefined && !this.#kinds.has(path)) this.#set(this.#kinds, path, this.#kindOf(path, stats));
  }

  /** As chroot(2) would go: an absolute symlink begins at the root, and no `..` leads above it. */
  #trace(path: string): Trace {
    const ahead = path.split('/').reverse();
    let behind = '/';
    let links = 0;
    for (let part = ahead.pop(); part !== undefined; part = ahead.pop()) {
      const next = posix.join(behind, part);
      if (next !== '/' && !isInside(next)) return { kind: 'outside' };
      const stats = this.#stat(next);
      if (stats instanceof Error) return { kind: 'unreadable', path: behind, error: stats };
      if (stats === undefined) return { kind: 'absent' };
      if (stats.isSymbolicLink()) {
        links += 1;
        if (links > maxLinks) return { kind: 'unreadable', path: next, error: new Error('ELOOP') };
        const target = this.#addLink(next);
        if (target.startsWith('/')) behind = '/';
        ahead.push(...target.split('/').reverse());
      } else behind = next;
    }
    const stats = this.#stat(behind);
    return stats === undefined || stats instanceof Error ? { kind: 'absent' } : { kind: 'found', path: behind, stats };
  }

  #stat(path: string): BigIntStats | Error | undefined {
    try {
      return lstatSync(posix.join(this.#root, path), { bigint: true, throwIfNoEntry: false });
    } catch (error) {
      return isMissing(error) ? undefined : (error as Error);
    }
  }

  /** In the tree all are relative, and lead where they did. */
  #addLink(path: string): string {
    const target = readlinkSync(posix.join(this.#root, path));
    const directory = posix.dirname(path);
    const relative = posix.relative(directory, posix.resolve(directory, target));
    this.#set(this.#kinds, path, { kind: 'link', target: relative === '' ? '.' : relative });
    return target;
  }

  #kindOf(path: string, stats: BigIntStats): CaptureEntry {
    const node = deviceNodeOf(stats);
    if (node !== undefined) return nodeFile(node);
    if (stats.isDirectory()) return { kind: 'directory' };
    return { kind: 'file', text: this.#nodeText(path, stats) };
  }

  /** Below a prefix, a file with the text `c 226:128` stands for a device node, and it is one of the tree too. */
  #nodeText(path: string, stats: BigIntStats): string {
    if (this.#root === '/' || !path.startsWith('/dev/') || !stats.isFile() || stats.size > maxNodeText) return '';
    const text = readFileSync(posix.join(this.#root, path), 'utf8');
    return /^[bc] \d+:\d+\s*$/.test(text) ? text : '';
  }

  #block(path: string, place: string, as: 'file' | 'directory', error: unknown): void {
    this.#unreadable.set(path, errnoOf(error));
    const self: CaptureEntry = { kind: 'link', target: posix.basename(place) };
    this.#set(this.#blocked, place, as === 'file' ? { kind: 'directory' } : self);
  }

  #set(entries: Map<string, CaptureEntry>, path: string, entry: CaptureEntry): void {
    if (path === '/') return;
    const isNew = !entries.has(path.slice(1));
    entries.set(path.slice(1), entry);
    if (isNew) this.#bytes += 3 * blockBytes + (entry.kind === 'file' ? Buffer.byteLength(entry.text) : 0);
    if (this.#bytes > maxCaptureBytes)
      throw new DevicePluginError(
        'CAPTURE_INVALID',
        `the plugin reads more than the ${maxCaptureBytes} bytes that a capture may have: give it flags with which it reads less`,
      );
  }
}

function isInside(path: string): boolean {
  return path === '/sys' || path === '/dev' || path.startsWith('/sys/') || path.startsWith('/dev/');
}

function isBelowAny(path: string, blocked: ReadonlyMap<string, CaptureEntry>): boolean {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    if (blocked.get(path.slice(0, end))?.kind === 'link') return true;
  }
  return false;
}

function nodeFile({ type, major, minor }: DeviceNode): CaptureEntry {
  return { kind: 'file', text: `${type === 'char' ? 'c' : 'b'} ${major}:${minor}\n` };
}

function errnoOf(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && typeof cause.code === 'string' && /^E[A-Z0-9]+$/.test(cause.code)) return cause.code;
  }
  return messageOf(error);
}

/** Symlinks that one path may lead over. Linux: MAXSYMLINKS, path_resolution(7). */
const maxLinks = 40;

/** Of tar: a header, and for long names another one with its content. */
const blockBytes = 512;

const maxNodeText = 64n;
