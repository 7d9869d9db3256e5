// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { pluginNames, type PluginNames, type PluginOptions } from './plugin-names.ts';

/** What this generator needs of Nx's virtual file system, which is written when it has returned. */
export interface Tree {
  readonly root: string;
  exists(path: string): boolean;
  write(path: string, content: string): void;
}

/**
 * `npx nx g @kube-device-plugins/plugin npu`: writes a plugin. Nothing that is there is changed but package-lock.json, by npm.
 *
 * @returns what Nx runs after the files have been written.
 * @throws RangeError for an option that cannot be used, and when there is such a plugin.
 */
export async function pluginGenerator(tree: Tree, options: GeneratorOptions): Promise<() => void> {
  const { version } = JSON.parse(readFileSync(join(tree.root, 'package.json'), 'utf8')) as { version: string };
  const names = pluginNames(withTypedVendorId(options, process.argv), version);
  const files = await pluginFiles(names, join(tree.root, 'prettier.config.js'));
  const taken = Object.keys(files).find((path) => tree.exists(path));
  if (taken !== undefined) throw new RangeError(`there is ${taken} already: choose another name than ${names.name}`);
  for (const [path, text] of Object.entries(files)) tree.write(path, text);
  return () => {
    finish(tree.root, names, options.skipInstall ?? false);
  };
}

/** What Nx makes of the command line. */
export interface GeneratorOptions extends Omit<PluginOptions, 'vendorId'> {
  readonly vendorId?: string | number;
  readonly skipInstall?: boolean;
}

/** Nx makes the same number of `1234` and of `0x4d2`: what was meant stands in the command line. */
function withTypedVendorId({ vendorId, ...options }: GeneratorOptions, argv: readonly string[]): PluginOptions {
  if (vendorId === undefined) return options;
  const [, typed] = /--vendor-?id[= ](\S+)/i.exec(argv.join(' ')) ?? [];
  return { ...options, vendorId: typeof vendorId === 'number' ? (typed ?? String(vendorId)) : vendorId };
}

/** Path in the workspace → text, as prettier formats it. */
async function pluginFiles(names: PluginNames, prettierConfig: string): Promise<Record<string, string>> {
  const config = await resolveConfig(prettierConfig);
  const files = templates().map(async (template) => {
    const path = fill(relative(templateDirectory, template), names).replace(/\.template$/, '');
    const text = fill(readFileSync(template, 'utf8'), names);
    return [path, await format(text, { ...config, filepath: path })] as const;
  });
  return Object.fromEntries(await Promise.all(files));
}

const templateDirectory = join(import.meta.dirname, '../files');

function templates(): string[] {
  const entries = readdirSync(templateDirectory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

/** @throws Error for a word of a template that no name is for. */
function fill(text: string, names: PluginNames): string {
  return text.replaceAll(/__([a-zA-Z]+)__/g, (word, name: string) => {
    if (!Object.hasOwn(names, name)) throw new Error(`a template has ${word}, which has no value`);
    return names[name as keyof PluginNames];
  });
}

/** The package has to be in the lock file and in node_modules, and its README has to list the flags that it and the core have. */
function finish(root: string, { plugin }: PluginNames, skipInstall: boolean): void {
  const only = skipInstall ? ['--package-lock-only'] : [];
  run(root, 'npm', ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', ...only]);
  writeFlagTable(root, plugin);
  console.log(`\n${plugin} is there. npm run build, then: npm start -- --plugin ${plugin}, npx nx run ${plugin}:test`);
  console.log(`npx nx run ${plugin}:checklist says what is missing; docs/guides/write-a-plugin.md what to write.`);
}

/** By the test of all plugins that compares it. */
function writeFlagTable(root: string, plugin: string): void {
  const vitest = join(root, 'node_modules/.bin/vitest');
  const args = [vitest, 'run', '--project', 'repository', 'test/plugin-flags.spec.ts', '-t', `README of ${plugin}`];
  run(root, process.execPath, args, { UPDATE_README: '1' });
  run(root, process.execPath, [join(root, 'node_modules/.bin/prettier'), '--write', `packages/${plugin}/README.md`]);
}

function run(root: string, command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): void {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed, run it by hand:\n${stdout}${stderr}`);
}
