// SPDX-License-Identifier: Apache-2.0
import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import { defineConfig, globalIgnores } from 'eslint/config';
import { builtinModules } from 'node:module';
import tseslint from 'typescript-eslint';

// The architecture as rules. test/architecture.spec.ts plants one violation of each and expects it reported.

// Its types are those of ESLint 9; its rules run on 10, as the planted violations show.
const nxPlugin = /** @type {import('eslint').ESLint.Plugin} */ (/** @type {unknown} */ (nx));

const sources = ['packages/*/src/**/*.ts'];
const tests = ['**/*.spec.ts', '**/test/**/*.ts'];
const tools = ['tools/**/*.{ts,mjs}', '*.config.{js,ts}'];
/** Roles of a plugin that decide and never touch the host. */
const pure = ['device-tree', 'options', 'allocation-policy'].flatMap((role) => [
  `packages/*-plugin/src/${role}.ts`,
  `packages/*-plugin/src/${role}/**/*.ts`,
]);
/** The only sources that may touch the process they run in; the last one is the signals of the front doors of core. */
const processEdges = [
  'packages/*/src/main.ts',
  'packages/*/src/main/*.ts',
  'packages/core/src/{run-plugin,run-plugins,run-command,process-signals}.ts',
];

/**
 * Which project may import which. Tests may import testkit as well, and so may tools.
 *
 * @param {string[]} alsoAllowed
 * @returns {import('eslint').Linter.RulesRecord}
 */
function boundaries(alsoAllowed) {
  const infrastructure = ['@grpc/*', 'chokidar', '@bufbuild/*', '@kubernetes/*'];
  const core = ['type:core', ...alsoAllowed];
  return {
    '@nx/enforce-module-boundaries': [
      'error',
      {
        // Specs of core use testkit, which uses core.
        ignoredCircularDependencies: [['core', 'testkit']],
        depConstraints: [
          { sourceTag: 'type:core', onlyDependOnLibsWithTags: core },
          { sourceTag: 'type:plugin', onlyDependOnLibsWithTags: core, bannedExternalImports: infrastructure },
          // The one place where plugins meet. Only the command line may have their list from it.
          {
            sourceTag: 'type:host',
            onlyDependOnLibsWithTags: [...core, 'type:plugin'],
            bannedExternalImports: infrastructure,
          },
          // Looks at plugins from outside; nobody imports it either.
          {
            sourceTag: 'type:cli',
            onlyDependOnLibsWithTags: [...core, 'type:plugin', 'type:host', 'type:testkit', 'type:terminal'],
          },
          { sourceTag: 'type:testkit', onlyDependOnLibsWithTags: ['type:core', 'type:testkit'] },
          {
            sourceTag: 'type:tool',
            onlyDependOnLibsWithTags: ['type:core', 'type:testkit', 'type:tool', 'type:terminal'],
          },
          // Draws, and knows nothing of devices.
          { sourceTag: 'type:terminal', onlyDependOnLibsWithTags: ['type:terminal'] },
        ],
      },
    ],
  };
}

/**
 * One direction between the folders of core: nothing in `targets` imports anything in `from`.
 *
 * @param {string[]} targets
 * @param {string[]} from
 * @param {string} message
 */
function oneWay(targets, from, message) {
  const inCore = (/** @type {string} */ name) => `./packages/core/src/${name}`;
  return { target: targets.map(inCore), from: from.map(inCore), message };
}

const leaves = ['cdi', 'cli', 'log', 'observe', 'rpc', 'watch'];
const entries = ['index.ts', 'run-plugin.ts', 'run-plugins.ts', 'run-command.ts'];
const directions = [
  oneWay(
    ['serve'],
    ['frame', 'manage', 'scan', 'supervise'],
    'serve knows nothing of who calls it: manage imports serve.',
  ),
  oneWay(
    ['scan'],
    ['frame', 'manage', 'serve', 'supervise'],
    'scan reads the host; it hands its findings to a Notifier.',
  ),
  oneWay(leaves, ['frame', 'manage', 'serve', 'supervise'], 'This folder is a leaf: manage and serve import it.'),
  oneWay(
    ['log', 'kubelet-api'],
    [...leaves.filter((leaf) => leaf !== 'log'), 'scan'],
    'Everything imports this folder.',
  ),
  oneWay(['manage'], ['frame', 'supervise'], 'frame and supervise stand above manage, or beside it.'),
  oneWay(['config'], ['frame', 'manage', 'supervise'], 'config wraps a plugin; who runs it imports config.'),
  oneWay([...leaves, 'manage', 'scan', 'serve'], ['config'], 'A plugin with a file is one like any other.'),
  oneWay(['supervise'], ['frame'], 'frame is a front door of its own.'),
  oneWay(
    [...leaves, 'frame', 'manage', 'scan', 'serve', 'supervise', 'kubelet-api'],
    ['doctor'],
    'A start that works does without: report-end.ts loads it where one does not.',
  ),
  oneWay(['doctor'], ['frame', 'manage', 'supervise'], 'The doctor looks at the node, not at the plugin.'),
  oneWay(
    [...leaves, 'doctor', 'frame', 'manage', 'scan', 'serve', 'supervise', 'kubelet-api'],
    entries,
    'Import the file that declares it.',
  ),
];

const noProcess = { name: 'node:process', message: 'Only main.ts and run-plugin.ts touch the process.' };
const tsEnding = {
  regex: String.raw`^\.{1,2}/.*(?<!\.(?:ts|mjs))$`,
  message: 'Relative imports end in .ts: Node runs them as they are.',
};
const bareBuiltins = builtinModules
  .filter((name) => !/^_|:/.test(name))
  .map((name) => ({ name, message: `Write node:${name}.` }));
const noHost = {
  regex: '^node:(?!path$|path/posix$)',
  message: 'This file decides: it takes and returns plain values. Read the host in sysfs.ts.',
};

export default defineConfig(
  globalIgnores([
    '**/node_modules',
    '**/dist',
    '**/coverage',
    '.nx',
    'packages/core/src/kubelet-api/{deviceplugin,pluginregistration}.ts',
    'packages/testkit/src/kubelet-api/podresources.ts',
    'packages/testkit/src/gpu/api',
    'packages/gpu-plugin/src/sysfs/health-api',
  ]),
  { linterOptions: { reportUnusedDisableDirectives: 'error', reportUnusedInlineConfigs: 'error' } },
  {
    files: ['**/*.{ts,js,mjs}'],
    extends: [js.configs.recommended, tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    plugins: { '@nx': nxPlugin, 'import-x': importX },
    settings: {
      'import-x/extensions': ['.ts', '.mjs', '.js'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.mjs', '.js'] })],
    },
    rules: {
      ...boundaries([]),
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // Cycles between packages are the business of the rule above.
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'import-x/no-duplicates': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreUsingDeclarations: true }],
      'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones: directions }],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true, defaultFrom: true } }],
      'no-restricted-properties': [
        'error',
        ...['mock', 'doMock'].map((property) => ({
          object: 'vi',
          property,
          message: 'Replace the world (a directory, a clock, a kubelet), not our functions.',
        })),
      ],
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
      eqeqeq: 'error',
      // The compiler knows better, in JavaScript too.
      'no-undef': 'off',
    },
  },
  {
    files: sources,
    ignores: [...tests, ...processEdges],
    rules: {
      'no-restricted-globals': [
        'error',
        { globals: [{ name: 'process', message: noProcess.message }], checkGlobalObject: true },
      ],
    },
  },
  // The globs of the next blocks are disjoint: in a flat config a later block replaces the options of an earlier one.
  {
    files: [...tests, ...tools, ...processEdges],
    rules: { 'no-restricted-imports': ['error', { paths: bareBuiltins, patterns: [tsEnding] }] },
  },
  {
    files: sources,
    ignores: [...tests, ...processEdges, ...pure],
    rules: { 'no-restricted-imports': ['error', { paths: [...bareBuiltins, noProcess], patterns: [tsEnding] }] },
  },
  {
    files: pure,
    ignores: tests,
    rules: { 'no-restricted-imports': ['error', { paths: bareBuiltins, patterns: [tsEnding, noHost] }] },
  },
  {
    files: tests,
    rules: { ...boundaries(['type:testkit']), 'max-lines-per-function': 'off' },
  },
  // JSDoc casts are invisible to this rule; the compiler checks them.
  { files: ['**/*.{js,mjs}'], rules: { '@typescript-eslint/no-unsafe-assignment': 'off' } },
  { files: ['*.config.{js,ts}'], rules: { 'no-restricted-exports': 'off' } },
  prettier,
);
