// SPDX-License-Identifier: Apache-2.0
import { readdirSync } from 'node:fs';
import { kubeletSocketName } from '@kube-device-plugins/core/kubelet-api';
import type { Moment } from '../invariants/invariant.ts';
import { PluginRun } from './plugin-run.ts';

/** How to start a plugin. */
export interface PluginCommand {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** The kubelet's directory, where its sockets are. */
  readonly socketDirectory: string;
}

/** Starts the plugin, again and again, and tells how each process of it ends. */
export class PluginKeeper {
  readonly #command: PluginCommand;
  readonly #onLine: (line: string) => void;
  readonly #tell: (moment: Moment) => void;
  #run: PluginRun | undefined;
  #life = 0;
  #isEndAsked = false;
  #endAskedAtMs = 0;
  /** Sockets that a process left when it was killed. */
  readonly #orphans = new Set<string>();

  constructor(command: PluginCommand, onLine: (line: string) => void, tell: (moment: Moment) => void) {
    this.#command = command;
    this.#onLine = onLine;
    this.#tell = tell;
  }

  /** Number of the process, from 1. */
  get life(): number {
    return this.#life;
  }

  /** @throws Error when none was started. */
  get run(): PluginRun {
    if (this.#run === undefined) throw new Error('the plugin has not been started');
    return this.#run;
  }

  start(): void {
    const { command, env, cwd } = this.#command;
    this.#isEndAsked = false;
    this.#life += 1;
    const run = new PluginRun(command, env, cwd, this.#onLine);
    this.#run = run;
    void run.exited.then((how) => {
      const leftSockets = this.sockets().filter((name) => !this.#orphans.has(name));
      if (how === 'SIGKILL') for (const name of leftSockets) this.#orphans.add(name);
      const tookMs = performance.now() - this.#endAskedAtMs;
      this.#tell({ type: 'exited', wasAsked: this.#isEndAsked, how, tookMs, leftSockets });
    });
  }

  /** Resolves when the process has ended. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#isEndAsked = true;
    this.#endAskedAtMs = performance.now();
    this.run.signal(signal);
    await this.run.exited;
  }

  /** Sockets in the kubelet's directory that are not the kubelet's, by whatever name it keeps its own while it restarts. */
  sockets(): string[] {
    try {
      return readdirSync(this.#command.socketDirectory, { withFileTypes: true })
        .filter((entry) => entry.isSocket() && !entry.name.endsWith(kubeletSocketName))
        .map(({ name }) => name);
    } catch {
      // Gone with its directory.
      return [];
    }
  }

  /** Those of {@link PluginKeeper.sockets} that were left by processes that were killed. */
  orphans(): string[] {
    return this.sockets().filter((name) => this.#orphans.has(name));
  }
}
