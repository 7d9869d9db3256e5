// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** How a program ended. */
export interface Ended {
  readonly isGood: boolean;
  /** Standard output, and standard error when it failed. */
  readonly output: string;
}

/** A check that hangs has failed. */
const timeoutMs = 15 * 60_000;

/** Runs a program in a directory; one that cannot be started has failed, too. */
export function runProgram(directory: string, file: string, args: readonly string[]): Promise<Ended> {
  const options = { cwd: directory, timeout: timeoutMs, maxBuffer: 256 * 1024 * 1024, env: environment() };
  return new Promise((resolve) => {
    execFile(file, args, options, (error, stdout, stderr) => {
      if (error === null) resolve({ isGood: true, output: stdout });
      else resolve({ isGood: false, output: `${stdout}${stderr}` || error.message });
    });
  });
}

/** A program of node_modules/.bin, by the Node that runs this. */
export function runTool(root: string, name: string, args: readonly string[]): Promise<Ended> {
  return runProgram(root, process.execPath, [join(root, 'node_modules/.bin', name), ...args]);
}

/** Nx with each line as it comes: in the end it shows nothing of a task that it began because another one depends on it. */
export function runNx(root: string, args: readonly string[]): Promise<Ended> {
  return runTool(root, 'nx', [...args, '--outputStyle=stream']);
}

/** The first of these programs that is in a directory of PATH. */
export function firstOnPath(names: readonly string[]): string | undefined {
  const directories = (process.env['PATH'] ?? '').split(delimiter);
  return names.find((name) => directories.some((directory) => existsSync(join(directory, name))));
}

/** The last lines of what a program printed, in one, for a table; without what npm and nx say of themselves. */
export function lastWords(output: string): string {
  const lines = output.split('\n').map((line) =>
    line
      .replace(/^[\w-]+: (?=npm |>)/, '')
      .replace(/^[\w-]+-plugin: /, '')
      .trim(),
  );
  const isNoise = (line: string): boolean =>
    line === '' ||
    /^(>|NX |- [\w-]+:\w+$|npm (warn|error)|Failed tasks|Hint:|Output of|Run duration|Cache:|Critical|Recov)/.test(
      line,
    );
  const said = lines.filter((line) => !isNoise(line));
  return (said.length > 0 ? said : lines.filter((line) => line !== '')).slice(-3).join(' | ');
}

/** Nx starts this in a task; what it starts is no part of that task. */
function environment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(NX_TASK|NX_CLI_SET|npm_|VITEST|FORCE_COLOR$)/i.test(name),
  );
  const nx = {
    NX_DAEMON: 'false',
    NX_ISOLATE_PLUGINS: 'false',
    NX_NO_CLOUD: 'true',
    NX_SKIP_NATIVE_FILE_CACHE: 'true',
  };
  return { ...Object.fromEntries(inherited), ...nx, NO_COLOR: '1' };
}
