// SPDX-License-Identifier: Apache-2.0
import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { DevicePluginError, Host, version } from '@kube-device-plugins/core';
import type { CliContext } from '../cli-context.ts';
import { printable } from '../printable.ts';
import { findPlugin } from '../plugins/find-plugin.ts';
import { prefixDirectory } from '../plugins/prefix-directory.ts';
import { capturePlugin, type Capture } from './capture-plugin.ts';
import type { CaptureOptions } from './capture-options.ts';

/**
 * Prints a capture of what a plugin reads, or writes it to a file, and says on standard error what it has.
 *
 * @throws DevicePluginError `FLAG_INVALID`, also when it would go to a terminal; `FILE_WRITE`; what {@link capturePlugin} throws.
 */
export async function runCapture(
  name: string,
  flags: readonly string[],
  { prefix, output, redact = false, timeoutMs }: CaptureOptions,
  context: CliContext,
): Promise<void> {
  if (output === undefined && context.terminal !== undefined)
    throw new DevicePluginError('FLAG_INVALID', 'a capture is nothing for a terminal: say -o node.tar, or > node.tar');
  const root = prefix === undefined ? undefined : await prefixDirectory(prefix);
  const settings = {
    args: root === undefined ? flags : [`-prefix=${root}`, ...flags],
    pluginFlags: flags,
    env: context.env,
    timeoutMs,
    version,
    hostNames: redact ? await hostNames(root) : undefined,
  };
  const capture = await capturePlugin(await findPlugin(name), settings, context.signal);
  if (output === undefined) context.print(capture.archive);
  else await write(output, capture.archive);
  context.printError(summary(capture));
}

/** That of this machine, and where another is looked at, the one that it has in its files. */
async function hostNames(root: string | undefined): Promise<readonly string[]> {
  const other = root === undefined ? undefined : await new Host(root).readText('/etc/hostname');
  return other === undefined ? [hostname()] : [hostname(), other];
}

async function write(path: string, archive: Uint8Array): Promise<void> {
  try {
    // For this user only: it tells more of the machine than others need to know.
    await writeFile(path, archive, { mode: 0o600 });
  } catch (cause) {
    throw new DevicePluginError('FILE_WRITE', `cannot write the capture to ${path}`, { cause });
  }
}

function summary({ archive, description, entryCount, redactions, scanProblem }: Capture): string {
  const { absent, unreadable, outside, redacted } = description;
  const values = [...redactions].map(([kind, count]) => `${kind}: ${count}`);
  const lines = [
    `${entryCount} entries, ${Math.ceil(archive.length / 1024)} KiB; ${absent.length} paths that were looked for are not there`,
    redacted
      ? `redacted, different values: ${values.join(', ') || 'none found'}`
      : 'nothing is redacted: --redact replaces serial numbers, MAC addresses, UUIDs, WWNs and the host name',
    ...(scanProblem === undefined ? [] : [`the scan failed, what it read until then is captured: ${scanProblem}`]),
    ...unreadable.map(({ path, errno }) => `not readable: ${path}: ${errno}`),
    ...outside.map((path) => `not captured, for it is not in /sys or /dev: ${path}`),
  ];
  return lines.map((line) => `${printable(line)}\n`).join('');
}
