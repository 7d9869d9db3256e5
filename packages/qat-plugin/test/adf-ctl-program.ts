// SPDX-License-Identifier: Apache-2.0
import { rename, writeFile } from 'node:fs/promises';
import type { HostFixture } from '@kube-device-plugins/testkit';

/** A line of `adf_ctl status`. */
export function statusLine(type: string, instance: number, address: string, state = 'up'): string {
  return ` qat_dev${instance} - type: ${type},  inst_id: ${instance},  node_id: 0,  bsf: ${address},  #accel: 5 #engines: 10 state: ${state}`;
}

/** An adf_ctl that prints these lines. */
export function adfCtlPrinting(fixture: HostFixture, lines: readonly string[]): Promise<string> {
  return adfCtlProgram(
    fixture,
    `echo "Checking status of all devices."\n${lines.map((line) => `echo '${line}'`).join('\n')}`,
  );
}

/** An adf_ctl that is this shell script, in the place of one before; returns its path. */
export async function adfCtlProgram(fixture: HostFixture, script: string): Promise<string> {
  const path = fixture.path('adf_ctl');
  // Renamed into place: a plugin may be about to start it.
  await writeFile(`${path}.new`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  await rename(`${path}.new`, path);
  return path;
}
