// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { InsideView, ProbeRequest } from './probe-message.ts';

/** One process of a plugin that runs on Node.js, with the probe in it. */
export class PluginRun {
  /** How it ended: `exit code 0`, `SIGKILL`. */
  readonly exited: Promise<string>;
  readonly #child: ChildProcess;

  /** @param command - Node's flags, with which it loads the probe, the program and its arguments. */
  constructor(
    command: readonly string[],
    env: Readonly<Record<string, string>>,
    cwd: string,
    onLine: (line: string) => void,
  ) {
    // A group of its own: Ctrl-C in a terminal is for the soak.
    this.#child = spawn(process.execPath, command, {
      env,
      cwd,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    if (this.#child.stderr !== null) createInterface(this.#child.stderr).on('line', onLine);
    // A message that was on its way when the process ended.
    this.#child.on('error', () => undefined);
    this.exited = once(this.#child, 'close').then(([code, signal]) =>
      signal === null ? `exit code ${String(code)}` : String(signal),
    );
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  jumpClock(byMs: number): void {
    this.#ask({ ask: 'jump', byMs });
  }

  async measure(signal: AbortSignal): Promise<InsideView> {
    const answer = once(this.#child, 'message', { signal });
    this.#ask({ ask: 'measure' });
    const [view] = (await answer) as [InsideView];
    return view;
  }

  #ask(request: ProbeRequest): void {
    // One that cannot be sent, because the process is ending, is an 'error'.
    this.#child.send(request, () => undefined);
  }
}
