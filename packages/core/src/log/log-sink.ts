// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '../errors.ts';
import type { KlogSettings } from './klog-settings.ts';
import type { LogFiles } from './log-files.ts';
import { logRoute } from './log-route.ts';
import { severity, type Severity } from './severity.ts';
import { writeFully } from './write-fully.ts';

/** Takes lines, with their line ends. */
export interface LogOutput {
  write(line: string): void;
}

/**
 * Writes to standard error, or whatever `fd` is. What cannot be written is dropped, because the devices are worth more than their log: the reader
 * is gone (EPIPE), or the pipe has been full (EAGAIN) for a second; the next lines do not wait for it then.
 */
export function fdOutput(fd: number): LogOutput {
  let isStuck = false;
  return {
    write(line) {
      try {
        writeFully(fd, line, isStuck ? 0 : undefined);
        isStuck = false;
      } catch {
        isStuck = true;
      }
    },
  };
}

/** Brings each line to the places that klog's flags name. */
export class LogSink {
  readonly #klog: KlogSettings;
  readonly #output: LogOutput;
  readonly #files: LogFiles;

  /** @throws DevicePluginError `FLAG_INVALID` when lines are to go to files and the first one cannot be written. */
  constructor(klog: KlogSettings, output: LogOutput, files: LogFiles) {
    this.#klog = klog;
    this.#output = output;
    this.#files = files;
    if (!klog.logToStderr) this.#openFirst();
  }

  write(level: Severity, line: string): void {
    const route = logRoute(level, this.#klog);
    const filed = route.files.map((file) => this.#writeFile(file, line));
    if (route.stderr || filed.includes(false)) this.#output.write(line);
  }

  flush(): void {
    this.#files.flush();
  }

  close(): void {
    this.#files.close();
  }

  #openFirst(): void {
    try {
      this.#files.open(severity.info);
    } catch (cause) {
      const remedy = 'name a place that can be written with -log_dir or -log_file, or log to standard error';
      throw new DevicePluginError('FLAG_INVALID', `cannot create the log file; ${remedy}`, { cause });
    }
  }

  /** False when the line is not in the file, e.g. because the disk is full: it then goes to standard error. */
  #writeFile(level: Severity, line: string): boolean {
    try {
      this.#files.write(level, line);
      return true;
    } catch {
      return false;
    }
  }
}
