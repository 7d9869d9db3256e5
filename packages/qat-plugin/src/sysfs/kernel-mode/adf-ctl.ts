// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { DevicePluginError } from '@kube-device-plugins/core';

/** The driver's control program. */
export interface AdfCtl {
  /** Its file, or a name to be looked up in PATH. */
  readonly path: string;
  /** How long it may take. It asks the driver, which may hang with the device. */
  readonly timeoutMs: number;
}

/**
 * What `adf_ctl status` prints, on both of its outputs. It is killed when its time is over and when `signal` aborts, and is not waited for then.
 *
 * @throws DevicePluginError `HOST_UNREADABLE` when it cannot be run, fails, takes too long or prints more than 64 KiB.
 */
export function runAdfCtlStatus({ path, timeoutMs }: AdfCtl, signal: AbortSignal): Promise<string> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const options = {
    signal: AbortSignal.any([signal, timeout]),
    killSignal: 'SIGKILL',
    maxBuffer: maxOutputBytes,
  } as const;
  return new Promise((resolve, reject) => {
    execFile(path, ['status'], options, (error, stdout, stderr) => {
      if (error === null) resolve(`${stdout}\n${stderr}`);
      else reject(statusError(path, timeout.aborted ? `it took more than ${timeoutMs} ms` : undefined, error));
    });
  });
}

/** Some 120 bytes for each of far more devices than a host has. */
const maxOutputBytes = 65_536;

function statusError(path: string, reason: string | undefined, cause: Error): DevicePluginError {
  const what = `Can't get driver status from ${JSON.stringify(`${path} status`)}${reason === undefined ? '' : `: ${reason}`}`;
  return new DevicePluginError(
    'HOST_UNREADABLE',
    `${what}; it has to be the adf_ctl of the driver that the host runs, and needs /dev/qat_adf_ctl`,
    { cause },
  );
}
