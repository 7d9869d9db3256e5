// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';

/** How a process ended. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** The plugin under examination, as a process of its own. */
export class PluginProcess {
  /** Resolves when it has ended and all of its output has been read; also when it could not be started. */
  readonly exited: Promise<ProcessExit>;
  readonly #child: ChildProcess;
  #output = '';
  #exit: ProcessExit | undefined;

  constructor(command: readonly string[], env: Record<string, string> | undefined) {
    const [file = '', ...args] = command;
    this.#child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], ...(env !== undefined && { env }) });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-keptOutput);
      });
    }
    this.exited = this.#ending();
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** What it wrote to standard output and standard error, of very much the end. */
  get output(): string {
    return this.#output;
  }

  /** How it ended; undefined while it runs. */
  get exit(): ProcessExit | undefined {
    return this.#exit;
  }

  kill(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): void {
    this.#child.kill(signal);
  }

  /** Nobody reads its output any more: what it writes fails. */
  closeOutput(): void {
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  /** Processor time used so far, in milliseconds; undefined where there is no /proc. Source: proc_pid_stat(5), utime and stime. */
  get cpuMs(): number | undefined {
    const fields = this.#proc('stat')?.split(') ')[1]?.split(' ');
    return fields && (Number(fields[11]) + Number(fields[12])) * msPerTick;
  }

  /** Resident memory in bytes; undefined where there is no /proc. Source: proc_pid_status(5), VmRSS. */
  get residentBytes(): number | undefined {
    const kib = /^VmRSS:\s+(\d+)/m.exec(this.#proc('status') ?? '')?.[1];
    return kib === undefined ? undefined : Number(kib) * 1024;
  }

  /** Open file descriptors; undefined where there is no /proc. */
  get openFiles(): number | undefined {
    try {
      return readdirSync(`/proc/${this.pid}/fd`).length;
    } catch {
      return undefined;
    }
  }

  async #ending(): Promise<ProcessExit> {
    try {
      const [code, signal] = (await once(this.#child, 'close')) as [number | null, string | null];
      this.#exit = { code, signal };
    } catch (error) {
      this.#output += String(error);
      this.#exit = { code: 127, signal: null };
    }
    return this.#exit;
  }

  #proc(file: string): string | undefined {
    try {
      return readFileSync(`/proc/${this.pid}/${file}`, 'utf8');
    } catch {
      return undefined;
    }
  }
}

/** In characters. */
const keptOutput = 64 * 1024;

/** USER_HZ is 100 on every architecture that Linux has had for years. Source: time(7). */
const msPerTick = 10;
