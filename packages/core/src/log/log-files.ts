// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, fstatSync, fsyncSync, openSync, rmSync, symlinkSync } from 'node:fs';
import { hostname, tmpdir, userInfo } from 'node:os';
import { basename, join } from 'node:path';
import type { KlogSettings } from './klog-settings.ts';
import { severityNames, type Severity } from './severity.ts';
import { writeFully } from './write-fully.ts';

/**
 * klog's log files: `<program>.<host>.<user>.log.<SEVERITY>.<yyyymmdd-hhmmss>.<pid>` with the link `<program>.<SEVERITY>`
 * to the newest, or the one file of `-log_file`. A file is opened by the first line for it.
 * Upstream: klog v2, klog_file.go and syncBuffer.
 */
export class LogFiles {
  readonly #klog: KlogSettings;
  readonly #program: string;
  readonly #pid: number;
  /** First lines of a file. */
  readonly #banner: string;
  readonly #open = new Map<Severity, { fd: number; bytes: number }>();

  constructor(klog: KlogSettings, program: string, pid: number, banner: string) {
    this.#klog = klog;
    this.#program = program;
    this.#pid = pid;
    this.#banner = banner;
  }

  /** Appends to the file of this severity. @throws the system's error. */
  write(level: Severity, line: string): void {
    const bytes = Buffer.byteLength(line);
    let file = this.open(level);
    if (file.bytes + bytes >= this.#maxBytes()) {
      this.#close(level);
      file = this.open(level, constants.O_TRUNC);
    }
    writeFully(file.fd, line);
    file.bytes += bytes;
  }

  /** Opens the file of this severity unless it is open. @throws the system's error. */
  open(level: Severity, moreFlags = 0): { fd: number; bytes: number } {
    const known = this.#open.get(level);
    if (known !== undefined) return known;
    const { logFile } = this.#klog;
    const fd = logFile === '' ? this.#create(level) : openSync(logFile, appendFlags | moreFlags, fileMode);
    writeFully(fd, this.#banner);
    const file = { fd, bytes: fstatSync(fd).size };
    this.#open.set(level, file);
    return file;
  }

  /** Hands what was written to the disk. */
  flush(): void {
    for (const { fd } of this.#open.values())
      attempt(() => {
        fsyncSync(fd);
      });
  }

  close(): void {
    for (const level of this.#open.keys()) this.#close(level);
  }

  #create(level: Severity): number {
    const tag = severityNames[level];
    const directory = this.#klog.logDir === '' ? tmpdir() : this.#klog.logDir;
    const who = `${this.#program}.${hostname().replace(/\..*/, '')}.${userName()}`;
    const path = join(directory, `${who}.log.${tag}.${compactTime(new Date())}.${this.#pid}`);
    // The directory may be open to all and the name can be guessed: a link in its place is not followed.
    const fd = openSync(path, appendFlags | constants.O_NOFOLLOW, fileMode);
    attempt(() => {
      const link = join(directory, `${this.#program}.${tag}`);
      rmSync(link, { force: true });
      symlinkSync(basename(path), link);
    });
    return fd;
  }

  #close(level: Severity): void {
    const file = this.#open.get(level);
    this.#open.delete(level);
    if (file !== undefined) {
      attempt(() => {
        closeSync(file.fd);
      });
    }
  }

  /** `-log_file_max_size` is for `-log_file`; the other files have klog's fixed limit. */
  #maxBytes(): number {
    if (this.#klog.logFile === '') return 1800 * mebibyte;
    return this.#klog.logFileMaxSizeMiB === 0 ? Infinity : this.#klog.logFileMaxSizeMiB * mebibyte;
  }
}

const appendFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND;
const fileMode = 0o644;
const mebibyte = 1024 * 1024;

function userName(): string {
  try {
    return userInfo().username.replace(/[\\/]/g, '_');
  } catch {
    // Containers run under ids that no passwd file knows.
    return 'unknownuser';
  }
}

function compactTime(time: Date): string {
  const date = [time.getFullYear(), time.getMonth() + 1, time.getDate()];
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()];
  return [date, clock].map((parts) => parts.map((part) => String(part).padStart(2, '0')).join('')).join('-');
}

/** For what may fail without a loss: a line was written by then. */
function attempt(action: () => void): void {
  try {
    action();
  } catch {
    // Nobody is left to be told.
  }
}
