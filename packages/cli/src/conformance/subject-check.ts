// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '@kube-device-plugins/core';
import { type ConformanceSubject, isExtendedResourceName, isGiven, type Place } from '@kube-device-plugins/testkit';

/** Names of the paths that every command may have in braces. */
export const placeNames: readonly (keyof Place)[] = [
  'dir',
  'cdi',
  'prefix',
  'inventory',
  'podresources',
  'registry',
  'port',
];

/**
 * Finds the mistakes in a subject that need no start to be seen, and would fail every clause.
 *
 * @throws DevicePluginError `FLAG_INVALID`
 */
export function checkSubject(subject: ConformanceSubject): void {
  const { command, fatalCommand = [], badNameCommand = [], watcherCommand = [], env = {}, resources } = subject;
  for (const resource of resources)
    if (!isExtendedResourceName(resource))
      throw invalid(`resource ${resource} is no name that a kubelet takes, such as example.com/device`);
  const variables = Object.entries(env).map(([name, value]) => [`env.${name}`, [value]] as const);
  const commands = Object.entries({ command, fatalCommand, badNameCommand, watcherCommand });
  for (const [where, words] of [...commands, ...variables]) {
    const unknown = unknownPlaceholder(words, placeNames);
    if (unknown !== undefined)
      throw invalid(`${where}: ${unknown} is no placeholder; there are ${inBraces(placeNames)}`);
  }
  if (isGiven('dir', subject)) return;
  throw invalid(
    'neither the command nor a variable has {dir}: the plugin would look for the kubelet of this machine. ' +
      'Put {dir} where its directory for sockets is set, or, where that is fixed, over it: ' +
      `unshare -m sh -c 'mount --bind "$1" /var/lib/kubelet/device-plugins && exec ${command[0]}' x {dir}`,
  );
}

/**
 * The first `{word}` that is none of these. What other languages have in braces, such as `${word}`, `{{word}}` and `{ word }`, is not
 * meant.
 */
export function unknownPlaceholder(words: readonly string[], known: readonly string[]): string | undefined {
  const found = words.flatMap((word) => [...word.matchAll(/(?<![{$])\{([a-z]+)\}/g)]);
  return found.find(([, name = '']) => !known.includes(name))?.[0];
}

/** For messages. */
export function inBraces(names: readonly string[]): string {
  return names.map((name) => `{${name}}`).join(', ');
}

function invalid(message: string): DevicePluginError {
  return new DevicePluginError('FLAG_INVALID', message);
}
