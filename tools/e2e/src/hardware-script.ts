// SPDX-License-Identifier: Apache-2.0
import { posix } from 'node:path';
import type { FixtureEntry, FixtureTree } from '@kube-device-plugins/testkit';

/**
 * A script for sh, with the root as its argument, that makes the tree below it in the place of the `sys` and `dev` that are there.
 * A device node becomes a file with the text `c 10:196`, which a plugin with `-prefix` takes for one.
 */
export function hardwareScript(tree: FixtureTree): string {
  const lines = Object.entries(tree).flatMap(([path, entry]) => linesOf(posix.join('.', path), entry));
  return ['#!/bin/sh', 'set -eu', 'mkdir -p "$1"', 'cd "$1"', 'rm -rf ./sys ./dev', ...lines, ''].join('\n');
}

function linesOf(path: string, entry: FixtureEntry): string[] {
  const parent = `mkdir -p ${quote(posix.dirname(path))}`;
  if (typeof entry === 'string') return [parent, `printf ${quote(escape(entry))} >${quote(path)}`];
  if (entry.kind === 'dir') return [`mkdir -p ${quote(path)}`];
  if (entry.kind === 'link') return [parent, `ln -sfn ${quote(entry.target)} ${quote(path)}`];
  if (entry.kind === 'silence') return [parent, `mkfifo ${quote(path)}`];
  return [parent, `echo ${quote(`${entry.type} ${entry.major}:${entry.minor}`)} >${quote(path)}`];
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** As printf(1) takes a format: octal for what is not printable, for no shell holds a NUL, and for a dash, which would begin an option. */
function escape(text: string): string {
  const octal = (byte: number): string => `\\${byte.toString(8).padStart(3, '0')}`;
  return [...Buffer.from(text)]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[-\\%]|[^ -~]/.test(char) ? octal(byte) : char;
    })
    .join('');
}
