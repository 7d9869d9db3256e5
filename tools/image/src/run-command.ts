// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { ImageError } from './image-error.ts';

/** A program with its arguments; no shell is in between. */
export type Command = readonly [file: string, ...args: string[]];

/** Where and how long. */
export interface Run {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/**
 * Runs a program to its end; what it prints goes to our standard error, for people to follow.
 *
 * @throws ImageError when it is not there or fails; the reason of the signal when that aborts.
 */
export async function run(command: Command, { cwd, env, signal }: Run): Promise<void> {
  const [file, ...args] = command;
  const child = spawn(file, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 2, 2], signal });
  await ended(child, file, signal);
}

/** The same, and returns what it prints on its standard output. */
export async function capture(command: Command, { cwd, env, signal }: Run): Promise<string> {
  const [file, ...args] = command;
  const options = { cwd, env: { ...process.env, ...env }, signal } as const;
  const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const [output, complaint] = [text(child.stdout), text(child.stderr)];
  // A failure to start is told below; these only end with it.
  for (const stream of [output, complaint]) stream.catch(() => undefined);
  await ended(child, file, signal, complaint);
  return await output;
}

/** What a program has to clean up after SIGTERM. */
const patienceMs = 5000;

/** Whether it runs and ends with 0. */
export async function succeeds(command: Command, options: Run): Promise<boolean> {
  try {
    await capture(command, options);
    return true;
  } catch (error) {
    if (error instanceof ImageError) return false;
    throw error;
  }
}

async function ended(
  child: ReturnType<typeof spawn>,
  file: string,
  signal: AbortSignal,
  complaint: Promise<string> = Promise.resolve(''),
): Promise<void> {
  const kill = (): void => void setTimeout(() => child.kill('SIGKILL'), patienceMs).unref();
  signal.addEventListener('abort', kill);
  const failure = await new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => {
      // One that was told to stop is waited for: nothing runs on behind our back.
      if (child.pid === undefined) resolve(error.message);
    });
    child.once('exit', () => {
      // Not for whoever else holds its pipes.
      if (signal.aborted) resolve(undefined);
    });
    child.once('close', (code, by) => resolve(code === 0 ? undefined : (by ?? `exit code ${code}`)));
  });
  signal.removeEventListener('abort', kill);
  signal.throwIfAborted();
  if (failure === undefined) return;
  const said = (await complaint.catch(() => '')).trim();
  throw new ImageError(`${file} failed (${failure})${said === '' ? ': it says why above' : `: ${said}`}`);
}
