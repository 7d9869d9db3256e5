// SPDX-License-Identifier: Apache-2.0
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
// eslint-disable-next-line no-restricted-imports -- Node.js kills the children of a program, which are its process group, in no other way.
import { kill } from 'node:process';
import { DevicePluginError, isSettled, messageOf } from '@kube-device-plugins/core';

/** The driver's control program. */
export interface AdfCtl {
  /** Its file, or a name to be looked up in PATH. */
  readonly path: string;
  /** How long it may take. It asks the driver, which may hang with the device. */
  readonly timeoutMs: number;
}

/**
 * What `adf_ctl status` prints, on both of its outputs. It is killed, with its children, when its time is over and when `signal` aborts, and is
 * not waited for then. There is one at a time: none is started while the driver does not let go of one that was killed.
 *
 * @throws DevicePluginError `HOST_UNREADABLE` when it cannot be run, fails, takes too long or prints more than 64 KiB.
 */
export async function runAdfCtlStatus({ path, timeoutMs }: AdfCtl, signal: AbortSignal): Promise<string> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    signal.throwIfAborted();
    if (!(await isSettled(lastEnd, killMs))) throw new Error('the one of the scan before was killed and does not end');
    return await run(path, AbortSignal.any([signal, timeout]));
  } catch (cause) {
    throw statusError(path, timeout.aborted ? `it took more than ${timeoutMs} ms` : messageOf(cause), cause);
  }
}

/** Settles when the last one that was started has ended. */
let lastEnd: Promise<unknown> = Promise.resolve();

/** How long the kernel may take to end who is killed, and is not in the driver. */
const killMs = 1_000;

function run(path: string, stop: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    // Detached: as the head of a process group, which has its children.
    const child = spawn(path, ['status'], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    if (child.pid !== undefined) lastEnd = once(child, 'exit').catch(() => undefined);
    const output = { stdout: '', stderr: '' };
    const end = (error: Error): void => {
      stop.removeEventListener('abort', abort);
      killGroup(child);
      reject(error);
    };
    const abort = (): void => {
      end(new Error('it was stopped'));
    };
    stop.addEventListener('abort', abort);
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        output[name] += text;
        if (output[name].length > maxOutputLength) end(new Error('it printed more than 64 KiB'));
      });
    }
    child.once('error', end);
    child.once('close', (code, killedBy) => {
      stop.removeEventListener('abort', abort);
      const said = output.stderr.slice(0, maxShown).trim();
      if (code === 0) resolve(`${output.stdout}\n${output.stderr}`);
      else reject(new Error(`it ended with ${code ?? killedBy ?? ''}: ${said}`));
    });
  });
}

/** Not SIGTERM, which programs may ignore. */
function killGroup({ pid, stdout, stderr }: ChildProcess): void {
  stdout?.destroy();
  stderr?.destroy();
  if (pid === undefined) return;
  try {
    kill(-pid, 'SIGKILL');
  } catch {
    // It has ended, and so have its children.
  }
}

/** Some 120 characters for each of far more devices than a host has. */
const maxOutputLength = 65_536;
const maxShown = 1_000;

function statusError(path: string, reason: string, cause: unknown): DevicePluginError {
  return new DevicePluginError(
    'HOST_UNREADABLE',
    `Can't get driver status from ${JSON.stringify(`${path} status`)}: ${reason}; it has to be the adf_ctl of the driver that the host runs, and needs /dev/qat_adf_ctl`,
    { cause },
  );
}
