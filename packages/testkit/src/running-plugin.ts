// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A plugin as a process of its own, as a container runs it: with no environment but what it is given. */
export class RunningPlugin {
  /** Its exit code, once it has ended and all that it wrote is in {@link RunningPlugin.stderr}; null after a signal that it does not handle. */
  readonly exited: Promise<number | null>;
  readonly #child: ChildProcess;
  #stderr = '';

  /** @param command - the program and its arguments; no shell is involved. */
  constructor(command: readonly [string, ...string[]], env: Readonly<Record<string, string>> = {}) {
    const [file, ...args] = command;
    this.#child = spawn(file, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    // 'close' comes when all of the output has been read, 'exit' may come before.
    this.exited = once(this.#child, 'close').then(([code]) => code as number | null);
  }

  /** What it has written to standard error so far: the log. */
  get stderr(): string {
    return this.#stderr;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Ends it as a container runtime does. Resolves with its exit code. */
  stop(): Promise<number | null> {
    this.signal('SIGTERM');
    return this.exited;
  }
}
