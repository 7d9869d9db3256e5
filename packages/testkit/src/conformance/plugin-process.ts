// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** How a process ended. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/**
 * The plugin under examination, as a process that leads a group of its own. Signals that a plugin may handle go to the process itself, as
 * a container runtime sends them; SIGKILL goes to the whole group, and so it does when the process has ended: nothing is left behind.
 */
export class PluginProcess {
  /** Resolves when it has ended and its output has been read; also when it could not be started. */
  readonly exited: Promise<ProcessExit>;
  readonly #child: ChildProcess;
  #output = '';
  #exit: ProcessExit | undefined;
  #startError: Error | undefined;
  #hasLeftProcesses = false;

  constructor(command: readonly string[], env: Record<string, string> | undefined) {
    const [file = '', ...args] = command;
    this.#child = spawn(file, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      ...(env !== undefined && { env }),
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-keptOutput);
      });
    }
    running.add(this);
    this.exited = this.#ending();
  }

  /** Why it could not be started at all. */
  get startError(): Error | undefined {
    return this.#startError;
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

  /** How it ended, for a message such as `the plugin …`. */
  get told(): string {
    const { code, signal } = this.#exit ?? {};
    const last = this.#output.trimEnd().split('\n').at(-1) ?? '';
    const end =
      signal === 'SIGTERM' || signal === 'SIGINT'
        ? `was killed by ${signal}, which it does not handle`
        : `has exited with ${signal ?? code ?? '?'}`;
    const left = this.#hasLeftProcesses ? ' and left processes behind (a wrapper has to start the plugin by exec)' : '';
    return `${end}${left}${last === '' ? ' without a word' : `; its last line: ${last}`}`;
  }

  kill(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): void {
    if (signal === 'SIGKILL') this.killGroup();
    else this.#child.kill(signal);
  }

  /** Ends the process and all that it has started. @returns whether there was any of it. */
  killGroup(): boolean {
    if (this.#child.pid === undefined) return false;
    try {
      // eslint-disable-next-line no-restricted-globals -- a child object knows no groups
      return process.kill(-this.#child.pid, 'SIGKILL');
    } catch {
      return false;
    }
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
    const closed = Promise.withResolvers<unknown>();
    const ended = Promise.withResolvers<ProcessExit>();
    this.#child.once('close', closed.resolve);
    this.#child.once('exit', (code, signal) => ended.resolve({ code, signal }));
    this.#child.on('error', (error) => {
      // A signal that cannot be sent is an error as well.
      if (this.#child.pid !== undefined) return;
      this.#startError = error;
      this.#output += String(error);
      closed.resolve(undefined);
      ended.resolve({ code: 127, signal: null });
    });
    const exit = await ended.promise;
    running.delete(this);
    // The leader is gone; nobody else gets the number of its group while there are others in it.
    this.#hasLeftProcesses = this.killGroup();
    // A process that has left the group may hold the pipes for ever.
    await Promise.race([closed.promise, delay(drainMs, undefined, { ref: false })]);
    this.closeOutput();
    this.#exit = exit;
    return exit;
  }

  #proc(file: string): string | undefined {
    try {
      return readFileSync(`/proc/${this.pid}/${file}`, 'utf8');
    } catch {
      return undefined;
    }
  }
}

/** When this process ends before it has ended them, by an error for example, they would go on. */
const running = new Set<PluginProcess>();
// eslint-disable-next-line no-restricted-globals -- see above
process.once('exit', () => {
  for (const plugin of running) plugin.killGroup();
});

/** For what is still in the pipes of a process that has ended. */
const drainMs = 500;

/** In characters. */
const keptOutput = 64 * 1024;

/** USER_HZ is 100 on every architecture that Linux has had for years. Source: time(7). */
const msPerTick = 10;
