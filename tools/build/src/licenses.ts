// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The licence of each package that `inputs` (paths of bundled files) come from, with the text it ships, sorted by name.
 *
 * @throws Error when a bundled package says nothing about its licence: then it must not be shipped.
 */
export async function licensesOf(root: string, inputs: readonly string[]): Promise<string> {
  const folders = new Set(inputs.map(packageFolder).filter((folder) => folder !== undefined));
  const sections = await Promise.all([...folders].sort().map((folder) => section(join(root, folder))));
  return [
    'This file is part of kube-device-plugins (Apache-2.0). The packages bundled into the programs beside it and their licences:\n',
    ...sections,
  ].join(`\n${'-'.repeat(80)}\n\n`);
}

/** `node_modules/a/lib/x.js` → `node_modules/a`; of nested packages the innermost; none for a file of our own. */
export function packageFolder(input: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
}

async function section(folder: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
  if (license === undefined) throw new Error(`${name ?? folder} is bundled, but its package.json names no licence`);
  const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return [`${name ?? folder} ${version ?? ''}\nLicense: ${license}\n`, ...texts].join('\n');
}

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly license?: string;
}
