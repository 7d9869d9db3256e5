// SPDX-License-Identifier: Apache-2.0
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';

/** How the plugin's process ended, as the end of a sentence, and the last lines it wrote. */
export interface PluginEnd {
  readonly how: string;
  readonly lastLines: readonly string[];
}

/** A plugin in a process of its own. */
export interface PluginProcess {
  /** 0 when the process could not be started. */
  readonly pid: number;
  /** Resolves when the process is gone, for whatever reason; never rejects. */
  readonly ended: Promise<PluginEnd>;
  /** Asks the process to end and waits until it has; after `graceMs` it is killed. */
  stop(graceMs: number): Promise<void>;
}

/**
 * Starts `file` with this Node.js, its log lines going to `onLine`.
 *
 * The process leads a process group of its own: Ctrl-C in a terminal reaches every process of the foreground group, and
 * to a plugin the SIGTERM behind it would be a second signal, at which it leaves at once and with its sockets in place.
 */
export function startPlugin(file: string, args: readonly string[], onLine: (line: string) => void): PluginProcess {
  const child = spawn(process.execPath, ['--import', exitWithParent, file, ...args], {
    detached: true,
    // Part of the ids of simulated devices.
    env: { NODE_NAME: 'local', ...process.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const lastLines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      const bounded = line.slice(0, longestLine);
      keepLast(lastLines, bounded);
      onLine(bounded);
    });
  }
  const ended = endOf(child, lastLines);
  return { pid: child.pid ?? 0, ended, stop: (graceMs) => stop(child, ended, graceMs) };
}

const exitWithParent = fileURLToPath(new URL('exit-with-parent.ts', import.meta.url));
const longestLine = 2_000;
const mostLastLines = 10;

/** Behind a complaint about a flag comes the list of all flags, which would push it out. Who asks for the list gets it, and nothing else. */
const helpStart = 'Usage of ';

function keepLast(lines: string[], line: string): void {
  const help = lines.findIndex((kept) => kept.startsWith(helpStart));
  if (help > 0) return;
  lines.push(line);
  if (lines.length > mostLastLines && help < 0) lines.shift();
}

/** `close` comes after `exit`, when all that the process wrote has been read. */
async function endOf(child: ChildProcess, lastLines: readonly string[]): Promise<PluginEnd> {
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    return { how: signal === null ? `ended with exit status ${code ?? '?'}` : `was ended by ${signal}`, lastLines };
  } catch (error) {
    return { how: `could not be started: ${error instanceof Error ? error.message : String(error)}`, lastLines };
  }
}

async function stop(child: ChildProcess, ended: Promise<PluginEnd>, graceMs: number): Promise<void> {
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  child.kill('SIGTERM');
  await ended;
  clearTimeout(timer);
}
