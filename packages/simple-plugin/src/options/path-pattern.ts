// SPDX-License-Identifier: Apache-2.0

/** The directory that device nodes are in; nothing outside it is ever given to a container. */
export const deviceDirectory = '/dev';

/** Why a path is not an absolute one without detours, as the end of a sentence, or undefined when it is. */
export function absolutePathProblem(path: string): string | undefined {
  if (!path.startsWith('/')) return 'is not an absolute path';
  if (path.length > maxPathLength) return `is longer than ${maxPathLength} characters`;
  const names = path.split('/').slice(1);
  if (names.some((name) => name === '' || name === '.' || name === '..')) return 'has an empty, "." or ".." part';
  return undefined;
}

/** The same for the path of a device node. */
export function devicePathProblem(path: string): string | undefined {
  return isBelowDev(path) ? absolutePathProblem(path) : `lies outside ${deviceDirectory}`;
}

/** True for what is written as a path below /dev; whether it stays there is another question. */
export function isBelowDev(path: string): boolean {
  return path.startsWith(`${deviceDirectory}/`);
}

/** The same as {@link absolutePathProblem} for a path whose parts may hold wildcards. */
export function pathPatternProblem(pattern: string): string | undefined {
  const problem = absolutePathProblem(pattern);
  if (problem !== undefined) return problem;
  if (pattern.includes('**')) return 'has "**"; a "*" stays within one directory, so write one part for each';
  if (/[{}]/.test(pattern)) return 'has braces, which are not wildcards here; list each path';
  return pattern
    .split('/')
    .map(classProblem)
    .find((reason) => reason !== undefined);
}

/** True when a part of the path holds a wildcard: `*`, `?` or `[…]`. */
export function hasWildcard(pattern: string): boolean {
  return /[*?[]/.test(pattern);
}

/**
 * Compiles one part of a path, without slashes.
 * The wildcards are those of glob(7): `*` is any run of characters, `?` any one, `[a-f0]` one of a set, `[!a-f0]` one of the others;
 * a name that begins with a dot matches only where the pattern does too. Time is linear in name × pattern, whatever the pattern.
 */
export function compileName(pattern: string): (name: string) => boolean {
  const tokens = tokensOf(pattern).map(toMatcher);
  const hidden = pattern.startsWith('.');
  return (name) => name.startsWith('.') === hidden && matches(tokens, Array.from(name));
}

/** PATH_MAX of Linux without the NUL (limits.h). */
const maxPathLength = 4095;

type Matcher = typeof anyRun | ((character: string) => boolean);
const anyRun = Symbol('*');

/** A `]` that comes first in a set is one of its members. */
function tokensOf(pattern: string): readonly string[] {
  return pattern.match(/\[(?:[!^].|[^!^])[^\]]*\]|./gsu) ?? [];
}

function classProblem(pattern: string): string | undefined {
  for (const token of tokensOf(pattern)) {
    if (token === '[') return 'has a "[" that is not closed';
    if (!token.startsWith('[')) continue;
    if (token.includes('[:')) return 'has a named set such as "[:digit:]"; write out the range';
    if (rangesOf(token).some(({ from, to }) => from > to)) return `has the range ${token}, which runs backwards`;
  }
  return undefined;
}

function toMatcher(token: string): Matcher {
  if (token === '*') return anyRun;
  if (token === '?') return () => true;
  if (token.length === 1 || !token.startsWith('[')) return (character) => character === token;
  const isNegated = /^\[[!^]/.test(token);
  const ranges = rangesOf(token);
  return (character) => ranges.some(({ from, to }) => from <= character && character <= to) !== isNegated;
}

function rangesOf(token: string): readonly { readonly from: string; readonly to: string }[] {
  const members = token.slice(1, -1).replace(/^[!^]/, '');
  return (members.match(/.-.|./gsu) ?? []).map((member) => {
    const [from = '', , to = from] = Array.from(member);
    return { from, to };
  });
}

/** Goes back to the last `*` only, since what an earlier one could take in addition the last one can as well. */
function matches(tokens: readonly Matcher[], characters: readonly string[]): boolean {
  let token = 0;
  let retry: { readonly token: number; character: number } | undefined;
  for (let character = 0; character < characters.length;) {
    const matcher = tokens[token];
    if (matcher === anyRun) {
      token += 1;
      retry = { token, character };
    } else if (matcher?.(characters[character] ?? '')) {
      token += 1;
      character += 1;
    } else if (retry !== undefined) {
      retry.character += 1;
      ({ token, character } = retry);
    } else {
      return false;
    }
  }
  return tokens.slice(token).every((matcher) => matcher === anyRun);
}
