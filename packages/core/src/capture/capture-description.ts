// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '../errors.ts';

/** Name of the file in a capture that says what it is of. */
export const descriptionFile = 'kdp-capture.json';

/** What a capture is of: the content of {@link descriptionFile}. */
export interface CaptureDescription {
  readonly formatVersion: 1;
  /** Name of the plugin whose reads were recorded: `gpu-plugin`. */
  readonly plugin: string;
  readonly version: string;
  /** Flags that the plugin had, without those that say where it looks. */
  readonly flags: readonly string[];
  /** As uname(2) has them: `6.8.0-45-generic` and `x86_64`. */
  readonly kernel: string;
  readonly machine: string;
  /** ISO 8601, in UTC. */
  readonly capturedAt: string;
  readonly redacted: boolean;
  /** Paths that the plugin looked for and that were not there. */
  readonly absent: readonly string[];
  /** Paths that were there and could not be read. */
  readonly unreadable: readonly UnreadablePath[];
  /** Paths that were read and are not in the capture, for they are not in /sys or /dev. */
  readonly outside: readonly string[];
}

/** A path that could not be read; `errno` is a name of errno(3), or another short reason. */
export interface UnreadablePath {
  readonly path: string;
  readonly errno: string;
}

/**
 * What a capture says of itself. Only what a replay goes by is looked at: the plugin and its flags.
 *
 * @throws DevicePluginError `CAPTURE_INVALID` for what `kdp capture` of this version does not write.
 */
export function parseCaptureDescription(text: string): CaptureDescription {
  const found = parseJson(text);
  const isKnown =
    typeof found === 'object' &&
    found !== null &&
    'formatVersion' in found &&
    found.formatVersion === 1 &&
    'plugin' in found &&
    typeof found.plugin === 'string' &&
    'flags' in found &&
    Array.isArray(found.flags) &&
    found.flags.every((flag) => typeof flag === 'string');
  if (isKnown) return found as unknown as CaptureDescription;
  throw new DevicePluginError('CAPTURE_INVALID', `its ${descriptionFile} is not one that this version can read`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DevicePluginError('CAPTURE_INVALID', `its ${descriptionFile} is no JSON`, { cause });
  }
}
