// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, openSync, readdirSync, readlinkSync, readSync, realpathSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { DevicePluginError, isErrno, isMissing } from '../errors.ts';
import { deviceNodeOf, parseDeviceNode, type DeviceNode } from './device-node.ts';
import { probe } from './probe.ts';
import { resolveInRoot } from './resolve-in-root.ts';

/** Calls after which the event loop gets a turn: some 2 ms of work, at 3 to 10 µs a call. */
const callsPerTurn = 256;

/**
 * A read-only view of /sys and /dev below a root directory, which it never leaves: `..` stops at the root, and symlinks
 * are resolved as chroot(2) would, so that fixture trees may hold relative and absolute ones.
 *
 * Paths are given as the host names them: `/sys/bus/pci`. What is missing is `undefined`, `[]` or `false`; whatever else
 * goes wrong rejects with `HOST_UNREADABLE` and the path.
 *
 * The system calls are synchronous on purpose. An attribute of sysfs is a read from memory of 3 µs, and 1,000 virtual
 * functions need 5,000 of them in each scan; the thread pool of Node.js would take four times as long and six times the CPU.
 * What the device itself has to answer is no such read: {@link probeText} is for that.
 */
export class Host {
  /** Whether the host is only looked at: whoever could change it has to refuse. */
  readonly isReadOnly: boolean;
  readonly #root: string;
  #realRoot: string | undefined;
  #calls = 0;

  constructor(root = '/', { isReadOnly = false }: { readonly isReadOnly?: boolean } = {}) {
    this.isReadOnly = isReadOnly;
    this.#root = posix.resolve(root);
  }

  /** Where `path` of the host lies in the file system of this process, symlinks left as they are. */
  path(path: string): string {
    return posix.join(this.#root, posix.resolve('/', path));
  }

  /**
   * The text of a file without the white space around it. Rejects when it has more than `maxBytes`;
   * an attribute of sysfs has at most a page (Linux, Documentation/filesystems/sysfs.rst).
   */
  readText(path: string, maxBytes = 65_536): Promise<string | undefined> {
    return this.#read(path, undefined, (real) => readBounded(real, maxBytes).trim());
  }

  /**
   * The same for an attribute that the device itself answers, by its firmware or over a bus, which it may do late or never: health is read so.
   * Takes some 100 µs, beside which everything else goes on.
   *
   * @throws DevicePluginError `HOST_TIMEOUT` when there is no answer in 2 s.
   */
  async probeText(path: string, maxBytes = 1_024): Promise<string | undefined> {
    const real = await this.#read(path, undefined, (found) => found);
    if (real === undefined) return undefined;
    try {
      return (await probe(real, maxBytes)).trim();
    } catch (error) {
      if (error instanceof DevicePluginError) throw error;
      this.#orAbsent(path, undefined, error);
      return undefined;
    }
  }

  /** The names in a directory, sorted. */
  list(directory: string): Promise<string[]> {
    return this.#read(directory, [], (real) => readdirSync(real).sort());
  }

  /** The last part of what a symlink points to: sysfs names the driver, the IOMMU group or the parent of a device so. */
  linkName(path: string): Promise<string | undefined> {
    const { dir, base } = posix.parse(posix.resolve('/', path));
    return this.#read(dir, undefined, (real) => linkName(posix.join(real, base)));
  }

  /** The path with all symlinks resolved, as the host names it. */
  realPath(path: string): Promise<string | undefined> {
    return this.#read(path, undefined, (real) => {
      if (this.#realRoot === undefined) return realpathSync.native(real);
      return posix.join('/', posix.relative(this.#realRoot, real));
    });
  }

  /** Whether there is something at the path; a symlink to nothing is nothing. */
  exists(path: string): Promise<boolean> {
    return this.#read(path, false, (real) => statSync(real, { throwIfNoEntry: false }) !== undefined);
  }

  /**
   * Type and number of a device node, or undefined where there is none.
   * Only root may create nodes, so below another root than `/` a regular file with the text `c 226:128` stands for one.
   */
  deviceNode(path: string): Promise<DeviceNode | undefined> {
    return this.#read(path, undefined, (real) => {
      const stats = statSync(real, { bigint: true });
      if (this.#realRoot !== undefined && stats.isFile()) return parseDeviceNode(readBounded(real, 65_536));
      return deviceNodeOf(stats);
    });
  }

  async #read<T>(path: string, absent: T, read: (real: string) => T): Promise<T> {
    this.#calls += 1;
    if (this.#calls % callsPerTurn === 0) await setImmediate();
    try {
      const real = this.#resolve(path);
      return real === undefined ? absent : read(real);
    } catch (error) {
      return this.#orAbsent(path, absent, error);
    }
  }

  #orAbsent<T>(path: string, absent: T, error: unknown): T {
    // ENODEV: the device went away while its attribute was open (Linux, fs/kernfs/file.c).
    if (isMissing(error) || isErrno(error, 'ENODEV')) return absent;
    throw new DevicePluginError('HOST_UNREADABLE', `cannot read ${this.path(path)} of the host`, { cause: error });
  }

  #resolve(path: string): string | undefined {
    if (this.#root === '/') return this.path(path);
    this.#realRoot ??= realpathSync.native(this.#root);
    return resolveInRoot(this.#realRoot, path);
  }
}

/** Shared by all reads: they are synchronous. */
const scratch = Buffer.allocUnsafe(65_537);

function readBounded(path: string, maxBytes: number): string {
  const buffer = maxBytes < scratch.length ? scratch : Buffer.allocUnsafe(maxBytes + 1);
  // O_NONBLOCK: a FIFO in the place of a file must not hold up the process.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    let length = 0;
    for (let read = -1; read !== 0 && length <= maxBytes; length += read) {
      read = readSync(fd, buffer, length, maxBytes + 1 - length, null);
    }
    if (length > maxBytes) throw new RangeError(`it is larger than ${maxBytes} bytes`);
    return buffer.toString('utf8', 0, length);
  } finally {
    closeSync(fd);
  }
}

function linkName(path: string): string | undefined {
  try {
    return posix.basename(readlinkSync(path));
  } catch (error) {
    // EINVAL: there is something, but no symlink (readlink(2)).
    if (isErrno(error, 'EINVAL')) return undefined;
    throw error;
  }
}
