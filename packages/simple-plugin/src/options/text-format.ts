// SPDX-License-Identifier: Apache-2.0
import { messageOf, parseGoDuration, resourceNameProblem } from '@kube-device-plugins/core';
import { absolutePathProblem, devicePathProblem, pathPatternProblem } from './path-pattern.ts';

/** Why a text is not of a format, as the end of a sentence, or undefined when it is. */
type TextCheck = (text: string) => string | undefined;

/** The formats that texts of a configuration have beside being text. What no format allows is a control character. */
export const textFormats = {
  text: checked(() => undefined),
  'resource-name': checked(resourceNameProblem),
  'resource-part': checked(resourcePartProblem),
  'path-pattern': checked((text) => pathPatternProblem(text.trim())),
  'container-path': checked((text) => (text.trim() === '' ? undefined : absolutePathProblem(text.trim()))),
  permissions: checked(permissionsProblem),
  'usb-id': checked((text) =>
    /^(0x)?[0-9a-f]{1,4}$/i.test(text) ? undefined : 'is not a USB id of up to four hexadecimal digits',
  ),
  duration: checked(durationProblem),
  'env-prefix': checked((text) => (text.includes('=') ? 'has a "=", which no variable name may have' : undefined)),
  'device-file-prefix': checked((text) => (text === '' ? undefined : devicePathProblem(`/dev/${text}`))),
  all: checked((text) => (text === 'all' ? undefined : 'has to be all, or a list of numbers')),
} as const satisfies Record<string, TextCheck>;

/** The longest time that a script may wait. */
const maxDurationMs = 7 * 24 * 60 * 60 * 1_000;

function checked(problemOf: TextCheck): TextCheck {
  return (text) => (controlCharacters.test(text) ? 'has a control character' : problemOf(text));
}

// eslint-disable-next-line no-control-regex -- they are what is looked for
const controlCharacters = /[\u0000-\u001f\u007f]/;

/** Behind the domain. The original asks for two characters at least; kubelets take one. */
function resourcePartProblem(name: string): string | undefined {
  const part = name.trim();
  return part.includes('/') ? 'has a "/"; the domain is a key of its own' : resourceNameProblem(`example.com/${part}`);
}

function permissionsProblem(permissions: string): string | undefined {
  const isSound = /^[rwm]{1,3}$/.test(permissions) && new Set(permissions).size === permissions.length;
  return isSound ? undefined : 'has to be one or more of the letters r, w and m, each once';
}

function durationProblem(text: string): string | undefined {
  try {
    const durationMs = parseGoDuration(text);
    return durationMs >= 0 && durationMs <= maxDurationMs ? undefined : 'is not from 0s to 168h';
  } catch (error) {
    return `is no duration such as 5s or 1m30s: ${messageOf(error)}`;
  }
}
