// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, extractCapture, type CaptureDescription } from '@kube-device-plugins/core';
import { allPlugins, findPlugin, type AnyPlugin } from '../plugins/find-plugin.ts';
import { prefixDirectory } from '../plugins/prefix-directory.ts';
import { printable } from '../printable.ts';
import type { InspectOptions } from './inspect-options.ts';

/** The plugins to inspect, and their flags, which also say where they look. A capture goes when it is disposed of. */
export interface InspectSubject extends AsyncDisposable {
  readonly plugins: readonly AnyPlugin[];
  readonly args: readonly string[];
}

/**
 * Finds what the command line means. A capture says which plugin it is of, and which flags that had: as flags can name programs to run and
 * files to write, and a capture may be from anybody, they are taken only when that is asked for.
 *
 * @param hint - takes a line for whoever may want to know of these flags.
 * @throws DevicePluginError `FLAG_INVALID`; `CAPTURE_INVALID` for a capture that cannot be replayed.
 */
export async function inspectSubject(
  name: string | undefined,
  flags: readonly string[],
  { prefix, replay, capturedFlags = false }: InspectOptions,
  hint: (line: string) => void,
): Promise<InspectSubject> {
  if (capturedFlags && replay === undefined)
    throw new DevicePluginError('FLAG_INVALID', '--captured-flags are those of a capture: name it with --replay');
  await using stack = new AsyncDisposableStack();
  const capture = replay === undefined ? undefined : stack.use(await extractCapture(replay));
  const wanted = name ?? capture?.description?.plugin;
  const plugins = wanted === undefined ? await allPlugins() : [await findPlugin(wanted)];
  const root = capture?.root ?? (prefix === undefined ? undefined : await prefixDirectory(prefix));
  const where = root === undefined ? [] : [`-prefix=${root}`];
  const itsFlags = flagsOf(plugins, capture?.description);
  if (!capturedFlags && flags.length === 0 && itsFlags.length > 0)
    hint(`the capture was made with other flags, which --captured-flags takes: ${printable(itsFlags.join(' '))}\n`);
  const lease = stack.move();
  return {
    plugins,
    args: [...where, ...(capturedFlags ? itsFlags : []), ...flags],
    [Symbol.asyncDispose]: () => lease.disposeAsync(),
  };
}

/** Those of another plugin mean nothing to this one. */
function flagsOf(plugins: readonly AnyPlugin[], description: CaptureDescription | undefined): readonly string[] {
  const isSame = plugins.length === 1 && plugins[0]?.name === description?.plugin;
  return isSame ? (description?.flags ?? []) : [];
}
