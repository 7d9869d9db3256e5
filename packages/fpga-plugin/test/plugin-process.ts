// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** This plugin as a process of its own, as a container runs it. */
export interface PluginProcess {
  /** What it has written to standard error so far. */
  readonly stderr: string;
  /** Its exit code, once it has ended. */
  readonly exited: Promise<number | null>;
  stop(): Promise<number | null>;
}

/** The entry of the plugin, which Node.js runs as it is. */
const mainFile = join(import.meta.dirname, '../src/main.ts');

/** Starts the plugin with no environment but this one. */
export function startPlugin(args: readonly string[], env: Readonly<Record<string, string>> = {}): PluginProcess {
  const child = spawn(process.execPath, [mainFile, ...args], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  // 'close' comes when all of the output has been read, 'exit' may come before.
  const exited = once(child, 'close').then(([code]) => code as number | null);
  return {
    get stderr() {
      return stderr;
    },
    exited,
    stop: () => {
      child.kill('SIGTERM');
      return exited;
    },
  };
}
