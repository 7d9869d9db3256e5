// SPDX-License-Identifier: Apache-2.0

/**
 * A bundle as an executable file of an image. Its source map, which stays behind, is not named.
 */
export function programText(bundle: string, node: string): string {
  const body = bundle.replace(/^#!.*\n/, '').replace(/\n\/\/# sourceMappingURL=[^\n]*\n?$/, '\n');
  return firstLine(node) + body;
}

/**
 * What a program of an image begins with: Node by its path, for there is no env(1).
 *
 * A small young generation: without it, memory after many allocations is threefold. The kernel passes one argument of such a line
 * (execve(2)), so there can be one flag.
 */
export function firstLine(node: string): string {
  return `#!${node} --max-semi-space-size=1\n`;
}
