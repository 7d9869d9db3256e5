// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, messageOf } from './errors.ts';
import { log } from './log/log.ts';

/**
 * Logs why a program ends, and returns its exit code: 2 for wrong flags, else 1.
 * An error of our own is a sentence with cause and remedy; for any other its stack is where the search begins.
 */
export function reportEnd(name: string, error: unknown): number {
  const isOurs = error instanceof DevicePluginError;
  if (isOurs) log.error(messageOf(error));
  else log.error(`${name} ends`, { error });
  return isOurs && error.code === 'FLAG_INVALID' ? 2 : 1;
}
