// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A plugin as a process of its own; killed at the end of the test if it still runs. */
export class PluginProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  stderr = '';
  stdout = '';

  /**
   * @param fixture - the name of a file in test/fixtures.
   * @param via - a command that runs the one behind it.
   */
  constructor(
    fixture: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    via: readonly string[] = [],
  ) {
    const file = join(import.meta.dirname, 'fixtures', `${fixture}.ts`);
    const { PATH = '' } = process.env;
    const [program, ...more] = [...via, process.execPath];
    this.#child = spawn(program, [...more, file, ...args], {
      env: { PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.stderr += String(chunk)));
    this.#child.stdout?.on('data', (chunk: Buffer) => (this.stdout += String(chunk)));
    this.#closed = once(this.#child, 'close');
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** The exit code, or the signal that ended the process, once it has ended and all that it printed is here. */
  async end(): Promise<number | NodeJS.Signals | null> {
    await this.#closed;
    return this.#child.exitCode ?? this.#child.signalCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#closed;
  }
}
