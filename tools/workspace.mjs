#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// Every npm script of this repository. Runs on Node 20 with nothing installed: it installs what is missing, then runs the task
// with the Node that the workspace pins, so that one version builds, tests and runs everything.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { Problem, installDependencies, pinnedNode } from './install.mjs';

/**
 * One process of a task. A quiet one shows what it prints only when it fails.
 *
 * @typedef {{ command: string, args: string[], cwd?: string, env?: Record<string, string>, quiet?: boolean }} Step
 */

const root = join(import.meta.dirname, '..');
const build = nx('build');
const bufCache = { BUF_CACHE_DIR: join(root, 'node_modules/.cache/buf') };

/** @type {Record<string, (args: string[]) => Step[]>} */
const tasks = {
  start: (args) => [
    { ...build, quiet: true },
    { command: 'node', args: ['tools/start/src/main.ts', ...args] },
  ],
  test: (args) => [
    { ...build, quiet: true },
    { command: 'vitest', args: ['run', ...args] },
  ],
  build: (args) => [nx('build', args)],
  lint: (args) => [nx('lint', args)],
  typecheck: (args) => [nx('typecheck', args)],
  coverage: (args) => [
    { ...build, quiet: true },
    // These examine plugins in processes of their own, where lines cannot be counted.
    { command: 'vitest', args: ['run', '--coverage', '--exclude=test/conformance.spec.ts', ...args] },
  ],
  kdp: (args) => [{ command: 'node', args: ['packages/cli/src/main.ts', ...args] }],
  conformance: (args) => [{ command: 'node', args: ['packages/cli/src/main.ts', 'conformance', ...args] }],
  'conformance:results': (args) => [
    { ...build, quiet: true },
    { command: 'node', args: ['packages/all/test/conformance-results/main.ts', ...args] },
    { command: 'prettier', args: ['--log-level=warn', '--write', 'docs/reference/conformance-results.md'] },
  ],
  bench: (args) => [
    { ...build, quiet: true },
    { command: 'node', args: ['tools/bench/src/main.ts', ...args] },
  ],
  soak: (args) => [
    { ...build, quiet: true },
    { command: 'node', args: ['tools/soak/src/main.ts', ...args] },
  ],
  e2e: (args) => [
    { ...build, quiet: true },
    { command: 'node', args: ['tools/e2e/src/main.ts', ...args] },
  ],
  image: (args) => [
    ...(args.includes('--help') ? [] : [{ ...build, quiet: true }]),
    { command: 'node', args: ['tools/image/src/main.ts', ...args] },
  ],
  deploy: (args) => [{ command: 'node', args: ['tools/deploy/src/main.ts', 'deploy', ...args] }],
  undeploy: (args) => [{ command: 'node', args: ['tools/deploy/src/main.ts', 'undeploy', ...args] }],
  fuzz: (args) => [{ command: 'vitest', args: ['run', '--testTimeout=600000', ...args], env: { FUZZ_RUNS: '20000' } }],
  format: (args) => [
    { command: 'prettier', args: ['--log-level=warn', args.includes('--check') ? '--check' : '--write', '.'] },
  ],
  knip: (args) => [{ command: 'knip', args: ['--no-config-hints', ...args] }],
  'kubelet-api:update': (args) => [{ command: 'node', args: ['tools/kubelet-api/src/main.ts', ...args] }],
  generate: (args) =>
    ['packages/core/proto', 'packages/testkit/proto', 'packages/gpu-plugin/proto'].map((proto) => ({
      command: 'buf',
      args: ['generate', ...args],
      cwd: join(root, proto),
      env: bufCache,
    })),
};

try {
  const [name = '', ...args] = process.argv.slice(2);
  const task = Object.hasOwn(tasks, name) ? tasks[name] : undefined;
  if (task === undefined)
    throw new Problem(`there is no task '${name}'; there are: ${Object.keys(tasks).join(', ')}`, 2);
  await installDependencies(root);
  await run(task(args), environment(pinnedNode(root)));
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}

/**
 * All steps in order until one fails. The last one takes the place of this process where that is possible.
 *
 * @param {Step[]} steps
 * @param {NodeJS.ProcessEnv} env
 */
async function run(steps, env) {
  for (const [index, step] of steps.entries()) {
    const stepEnv = { ...env, ...step.env };
    const [file, args] = executable(step);
    const isLast = index === steps.length - 1;
    if (isLast && step.cwd === undefined && typeof process.execve === 'function') {
      process.chdir(root);
      process.execve(file, [file, ...args], stepEnv);
    }
    const { code, signal, output } = await runStep(file, args, step, stepEnv);
    if (code === 0) continue;
    process.stderr.write(output);
    // As shells do; `signal` is set where `code` is not.
    process.exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
    return;
  }
}

/**
 * @param {string} file
 * @param {string[]} args
 * @param {Step} step
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ code: number | null, signal: NodeJS.Signals | null, output: string }>}
 */
function runStep(file, args, { cwd = root, quiet = false }, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env, stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit' });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
        output += text;
      });
    }
    const patience = quiet ? setTimeout(() => console.error('Building …'), 1000) : undefined;
    const release = forwardSignals(child);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(patience);
      release();
      resolve({ code, signal, output });
    });
  });
}

/**
 * A terminal sends Ctrl-C to this process and to the child; anything else only to this one, which passes it on.
 *
 * @param {import('node:child_process').ChildProcess} child
 */
function forwardSignals(child) {
  /** @type {NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const forward = (/** @type {NodeJS.Signals} */ signal) => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of signals) process.on(signal, forward);
  return () => {
    for (const signal of signals) process.off(signal, forward);
  };
}

/**
 * @param {string} target
 * @param {string[]} [args]
 * @returns {Step}
 */
function nx(target, args = []) {
  // nx would keep what V8 compiles of it in the directory for temporary files.
  const env = { NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/compile') };
  return { command: 'nx', args: ['run-many', '--target', target, '--outputStyle=stream', ...args], env };
}

/**
 * Tools are started by the pinned Node itself: neither a shell nor a search for another Node is in between.
 *
 * @param {Step} step
 * @returns {[file: string, args: string[]]}
 */
function executable({ command, args }) {
  const node = pinnedNode(root);
  return command === 'node' ? [node, args] : [node, [join(root, 'node_modules/.bin', command), ...args]];
}

/**
 * What npm and the user set for the Node that started us is no business of the one that runs the task: options it may not know,
 * certificates that cost a start 10 ms, npm's own settings.
 *
 * @param {string} node
 * @returns {NodeJS.ProcessEnv}
 */
function environment(node) {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^npm_/i.test(name) && !['NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS', 'NODE_ENV', 'INIT_CWD'].includes(name),
  );
  return {
    ...Object.fromEntries(inherited),
    PATH: [dirname(node), join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter),
    // Nothing outlives a task, and nothing is left behind outside the workspace.
    NX_DAEMON: 'false',
    NX_ISOLATE_PLUGINS: 'false',
    NX_SKIP_NATIVE_FILE_CACHE: 'true',
    NX_NO_CLOUD: 'true',
  };
}
