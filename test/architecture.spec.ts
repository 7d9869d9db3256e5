// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ESLint, type Linter } from 'eslint';
import ts from 'typescript';
import tseslint from 'typescript-eslint';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

const root = join(import.meta.dirname, '..');
const core = 'packages/core/src';
const plugin = 'packages/simple-plugin/src';
const scope = '@kube-device-plugins';

/** What is forbidden, the file it is planted in, and the planted text. */
type Plant = readonly [name: string, file: string, code: string];

const plants: Readonly<Record<string, readonly Plant[]>> = {
  '@nx/enforce-module-boundaries': [
    ['a plugin that imports a plugin', 'packages/other-plugin/src/planted.ts', use(`${scope}/simple-plugin`)],
    ['core that imports a plugin', `${core}/planted.ts`, use(`${scope}/simple-plugin`)],
    ['core that imports testkit', `${core}/planted.ts`, use(`${scope}/testkit`)],
    ['testkit that imports a plugin', 'packages/testkit/src/planted.ts', use(`${scope}/simple-plugin`)],
    ['a plugin that imports testkit', `${plugin}/planted.ts`, use(`${scope}/testkit`)],
    ['a tool that imports a plugin', 'tools/start/src/planted.ts', use(`${scope}/simple-plugin`)],
    ['a repository test that imports a plugin', 'test/planted.spec.ts', use(`${scope}/simple-plugin`)],
    ['a relative import across packages', `${plugin}/planted.ts`, use('../../core/src/target.ts')],
    ['the host of all that imports testkit', 'packages/all/src/planted.ts', use(`${scope}/testkit`)],
    ['the host of all that imports gRPC', 'packages/all/src/planted.ts', use('@grpc/grpc-js')],
    ['a plugin that imports gRPC', `${plugin}/planted.ts`, use('@grpc/grpc-js')],
    ['a plugin that imports chokidar', `${plugin}/planted.ts`, use('chokidar')],
    ['a plugin that imports protobuf', `${plugin}/planted.ts`, use('@bufbuild/protobuf')],
  ],
  'import-x/no-restricted-paths': [
    ...[
      ['serve', 'manage'],
      ['serve', 'scan'],
      ['scan', 'manage'],
      ['scan', 'serve'],
      ['cdi', 'serve'],
      ['cli', 'manage'],
      ['observe', 'manage'],
      ['rpc', 'serve'],
      ['watch', 'serve'],
      ['log', 'cli'],
      ['kubelet-api', 'watch'],
      ['serve', 'frame'],
      ['manage', 'frame'],
      ['manage', 'supervise'],
      ['supervise', 'frame'],
      ['serve', 'doctor'],
      ['doctor', 'manage'],
      ['config', 'manage'],
      ['config', 'supervise'],
      ['manage', 'config'],
      ['cli', 'config'],
    ].map(([folder, other]): Plant => [
      `${folder} that imports ${other}`,
      `${core}/${folder}/planted.ts`,
      use(`../${other}/target.ts`),
    ]),
    ['a lazy import against the direction', `${core}/serve/planted.ts`, `await import('../manage/target.ts');`],
    ['a folder that imports the entry of core', `${core}/serve/planted.ts`, use('../index.ts')],
  ],
  'no-restricted-imports': [
    ...['device-tree', 'options', 'allocation-policy', 'options/planted'].flatMap((role): Plant[] => [
      [`${role} that reads files`, `${plugin}/${role}.ts`, use('node:fs/promises')],
      [`${role} that reads files by their old name`, `${plugin}/${role}.ts`, use('fs')],
    ]),
    ['an import that Node cannot run', `${plugin}/planted.ts`, use('./plugin.js')],
    ['process as a module', `${core}/planted.ts`, use('node:process')],
    ['process as a module by its old name', `${core}/planted.ts`, use('process')],
  ],
  'no-restricted-globals': [
    ['process in core', `${core}/serve/planted.ts`, 'process.exit(1);'],
    ['process in a plugin', `${plugin}/plugin.ts`, 'export const home = process.env;'],
    ['process in testkit', 'packages/testkit/src/planted.ts', 'export const home = process.env;'],
    ['process through globalThis', `${plugin}/plugin.ts`, 'globalThis.process.exit(1);'],
  ],
  'no-restricted-properties': [
    ['a module mock', `${core}/planted.spec.ts`, `import { vi } from 'vitest';\nvi.mock('./errors.ts');`],
    ['a lazy module mock', `${core}/planted.spec.ts`, `import { vi } from 'vitest';\nvi.doMock('./errors.ts');`],
  ],
  'max-lines': [['a file of more than 250 lines', `${core}/planted.ts`, 'export {};\n'.repeat(251)]],
  'max-lines-per-function': [['a function of more than 40 lines', `${core}/planted.ts`, longFunction(41)]],
  'no-restricted-exports': [
    ['a default export', `${core}/planted.ts`, 'export default 1;'],
    ['a default export by name', `${core}/planted.ts`, 'const one = 1;\nexport { one as default };'],
  ],
  'import-x/no-cycle': [['a cycle inside a package', `${core}/planted.ts`, use('./cycle.ts')]],
};

const clean: readonly Plant[] = [
  ['a plugin that imports core', `${plugin}/planted.ts`, use(`${scope}/core`)],
  ['the host of all that imports a plugin', 'packages/all/src/planted.ts', use(`${scope}/simple-plugin`)],
  ['the host of all that imports core', 'packages/all/src/planted.ts', use(`${scope}/core`)],
  ['a spec of the host of all that imports testkit', 'packages/all/test/planted.spec.ts', use(`${scope}/testkit`)],
  ['a spec of a plugin that imports testkit', `${plugin}/planted.spec.ts`, use(`${scope}/testkit`)],
  ['a test of core that imports testkit', 'packages/core/test/planted.ts', use(`${scope}/testkit`)],
  ['testkit that imports core', 'packages/testkit/src/planted.ts', use(`${scope}/core`)],
  ['a tool that imports testkit', 'tools/start/src/planted.ts', use(`${scope}/testkit`)],
  ['a repository test that imports testkit', 'test/planted.spec.ts', use(`${scope}/testkit`)],
  ['core that imports gRPC', `${core}/planted.ts`, use('@grpc/grpc-js')],
  ['manage that imports serve', `${core}/manage/planted.ts`, use('../serve/target.ts')],
  ['serve that imports a leaf', `${core}/serve/planted.ts`, use('../watch/target.ts')],
  ['options that join paths', `${plugin}/options.ts`, use('node:path')],
  ['sysfs that reads files', `${plugin}/sysfs.ts`, use('node:fs/promises')],
  ['main that sets the exit code', `${plugin}/main.ts`, 'process.exitCode = 1;'],
  ['a tool that reads the environment', 'tools/start/src/planted.ts', 'export const home = process.env;'],
  ['a file of 250 lines', `${core}/planted.ts`, 'export {};\n'.repeat(249)],
  ['a function of 40 lines', `${core}/planted.ts`, longFunction(40)],
  ['a test of more than 40 lines', `${core}/planted.spec.ts`, longFunction(41)],
];

/** No process and no file of nx is left behind. */
const quietNx = {
  NX_DAEMON: 'false',
  NX_ISOLATE_PLUGINS: 'false',
  NX_SKIP_NATIVE_FILE_CACHE: 'true',
  NODE_DISABLE_COMPILE_CACHE: '1',
};

describe('the architecture rules', () => {
  let workspace: string;
  let linter: ESLint;

  beforeAll(async () => {
    workspace = await smallWorkspace();
    // Without a project graph the boundary rule skips itself, and with an old one it judges by that.
    vi.stubEnv('NX_WORKSPACE_ROOT_PATH', workspace);
    for (const [name, value] of Object.entries(quietNx)) vi.stubEnv(name, value);
    await promisify(execFile)('node_modules/.bin/nx', ['show', 'projects'], { cwd: workspace });
    // Planted files exist only as text, which no type-aware rule can work on; none of those is a rule of the architecture.
    linter = new ESLint({ cwd: workspace, overrideConfig: tseslint.configs.disableTypeChecked as Linter.Config });
  });

  afterAll(async () => {
    vi.unstubAllEnvs();
    await rm(workspace, { recursive: true });
  });

  async function reported(file: string, code: string): Promise<string[]> {
    const results = await linter.lintText(`${code}\n`, { filePath: join(workspace, file) });
    return results.flatMap(({ messages }) => messages.map(({ ruleId, message }) => ruleId ?? message));
  }

  describe.each(Object.entries(plants))('%s', (rule, planted) => {
    it.each(planted)('reports %s', async (_name, file, code) => {
      expect(await reported(file, code)).toContain(rule);
    });
  });

  it.each(clean)('allow %s', async (_name, file, code) => {
    expect(await reported(file, code)).toEqual([]);
  });
});

describe('the compiler', () => {
  it.each([
    ['an enum', 'export enum Colour { Red }', 1294],
    ['a parameter property', 'export class A { constructor(readonly a: string) {} }', 1294],
    ['an import of the host of all', `export * from '${scope}/all';`, 2307],
    ['a deep import', `export * from '${scope}/core/src/errors.ts';`, 2307],
  ])('reports %s', (_name, code, error) => {
    expect(diagnose(code)).toContain(error);
  });

  it('allows the entries of core', () => {
    expect(diagnose(`export * from '${scope}/core/kubelet-api';`)).toEqual([]);
  });
});

function use(module: string): string {
  return `import * as used from '${module}';\nexport { used };`;
}

function longFunction(lines: number): string {
  return `export function long(): void {\n${'  long();\n'.repeat(lines - 2)}}`;
}

/** This workspace's configuration and packages with almost no code in them, and one plugin more. */
async function smallWorkspace(): Promise<string> {
  const workspace = await mkdtemp(join(tmpdir(), 'kdp-'));
  const copied = [
    'eslint.config.js',
    'nx.json',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'tsconfig.base.json',
  ];
  for (const folder of ['packages', 'tools']) {
    for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
      if (entry.isDirectory()) copied.push(`${folder}/${entry.name}/package.json`);
    }
  }
  await Promise.all(copied.map((file) => cp(join(root, file), join(workspace, file))));
  await linkModules(workspace, copied);
  const folders = ['cdi', 'cli', 'config', 'frame', 'kubelet-api', 'log', 'manage', 'observe', 'rpc', 'scan', 'serve'];
  const written: [file: string, text: string][] = [
    ['packages/other-plugin/package.json', `{"name":"${scope}/other-plugin","nx":{"tags":["type:plugin"]}}`],
    [`${core}/index.ts`, 'export {};\n'],
    [`${plugin}/plugin.ts`, 'export {};\n'],
    ['packages/testkit/src/index.ts', 'export {};\n'],
    [`${core}/target.ts`, 'export {};\n'],
    [`${core}/cycle.ts`, use('./planted.ts')],
    [`${core}/planted.ts`, 'export {};\n'],
    ['packages/all/src/main.ts', 'export {};\n'],
    ...['doctor', ...folders, 'supervise', 'watch'].map((folder): [string, string] => [
      `${core}/${folder}/target.ts`,
      'export {};\n',
    ]),
  ];
  for (const [file, text] of written) {
    await mkdir(dirname(join(workspace, file)), { recursive: true });
    await writeFile(join(workspace, file), text);
  }
  return workspace;
}

/** Everything that is installed, but our own packages are those of `workspace`. */
async function linkModules(workspace: string, copied: readonly string[]): Promise<void> {
  const modules = join(workspace, 'node_modules');
  await mkdir(join(modules, scope), { recursive: true });
  const installed = (await readdir(join(root, 'node_modules'))).filter((name) => name !== scope);
  await Promise.all(installed.map((name) => symlink(join(root, 'node_modules', name), join(modules, name))));
  const own = [...copied.filter((file) => file.endsWith('/package.json')).map(dirname), 'packages/other-plugin'];
  await Promise.all(own.map((folder) => symlink(join(workspace, folder), join(modules, scope, basename(folder)))));
}

/** The codes of what the compiler reports for `code` as a file of a plugin. */
function diagnose(code: string): number[] {
  const planted = join(root, plugin, 'planted.ts');
  const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), (path) => ts.sys.readFile(path)) as {
    config: unknown;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const host = ts.createCompilerHost(options);
  const real = { ...host };
  host.fileExists = (path) => path === planted || real.fileExists(path);
  host.getSourceFile = (path, ...rest) =>
    path === planted ? ts.createSourceFile(path, code, ts.ScriptTarget.ES2024) : real.getSourceFile(path, ...rest);
  const program = ts.createProgram([planted], options, host);
  return program.getSemanticDiagnostics(program.getSourceFile(planted)).map((diagnostic) => diagnostic.code);
}
