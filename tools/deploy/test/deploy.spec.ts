// SPDX-License-Identifier: Apache-2.0
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deploy } from '../src/deploy.ts';
import { findKustomize, kustomizeRemedy } from '../src/kustomize.ts';
import { parseManifests } from '../src/manifest.ts';
import { parseOptions } from '../src/options.ts';
import { RecordingPath } from './world.ts';

const main = join(import.meta.dirname, '../src/main.ts');
const root = join(import.meta.dirname, '../../..');

let programs: RecordingPath;

beforeEach(async () => {
  programs = await RecordingPath.create();
});

afterEach(async () => {
  await programs[Symbol.asyncDispose]();
});

interface Told {
  readonly objects: string;
  readonly notes: readonly string[];
}

/** What main.ts does with a command line, but in this process. */
async function run(env: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<Told> {
  const notes: string[] = [];
  let objects = '';
  await deploy(root, parseOptions(args), env, {
    objects: (text) => (objects += text),
    note: (line) => notes.push(line),
  });
  return { objects, notes };
}

describe('with a kubectl that writes down what it gets', () => {
  const rendered = [
    'apiVersion: v1\nkind: Namespace\nmetadata: { name: plugins }\n',
    `apiVersion: apps/v1
kind: DaemonSet
metadata: { name: intel-gpu-plugin, namespace: plugins }
spec: { template: { spec: { containers: [{ name: main, image: kube-device-plugins/a:1, env: [{ name: VERBOSITY, value: '0' }] }] } } }
`,
  ].join('---\n');

  function env(): NodeJS.ProcessEnv {
    return { PATH: programs.path };
  }

  beforeEach(async () => {
    await programs.add('kustomize', rendered);
    await programs.add('kubectl');
  });

  it('applies the objects, and says what to do next', async () => {
    const args = ['--set', 'VERBOSITY=4', '--', '--context', 'test'];
    const { notes } = await run(env(), 'deploy', 'gpu-plugin', ...args);
    expect(notes).toEqual(['next: kubectl -n plugins rollout status daemonset/intel-gpu-plugin']);
    expect(await programs.argumentsOf('kubectl')).toEqual(['apply', '-f', '-', '--context', 'test']);
    expect(parseManifests(await programs.inputOf('kubectl'))).toEqual(parseManifests(rendered));
    const over = JSON.parse(await programs.inputOf('kustomize')) as { resources: string[]; patches: object[] };
    expect(over.resources).toEqual([expect.stringMatching(/^(\.\.\/)+.*deployments\/gpu-plugin$/)]);
    expect(over.patches).toHaveLength(1);
  });

  it('deletes them again, but for the namespace', async () => {
    const { notes } = await run(env(), 'undeploy', 'gpu-plugin', '--overlay', 'namespace');
    expect(notes).toEqual(['the namespace stays: kubectl delete namespace plugins']);
    expect(await programs.argumentsOf('kubectl')).toEqual(['delete', '--ignore-not-found', '-f', '-']);
    expect(parseManifests(await programs.inputOf('kubectl')).map(({ kind }) => kind)).toEqual(['DaemonSet']);
  });

  it('runs no kubectl with --dry-run', async () => {
    const { objects } = await run(env(), 'deploy', 'gpu-plugin', '--dry-run');
    expect(parseManifests(objects)).toEqual(parseManifests(rendered));
    expect(await programs.argumentsOf('kubectl')).toBeUndefined();
  });

  it('fails when kubectl fails', async () => {
    await programs.add('kubectl', '', 3);
    const message = /^kubectl apply -f - ended with 3: .*KUBECONFIG/;
    await expect(run(env(), 'deploy', 'gpu-plugin')).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(message) as string,
    });
  });

  it('fails with its words when kustomize fails', async () => {
    await programs.add('kustomize', '', 1);
    const message = /kustomize build .*deployments\/gpu-plugin failed: /;
    await expect(run(env(), 'deploy', 'gpu-plugin')).rejects.toThrow(message);
    expect(await programs.argumentsOf('kubectl')).toBeUndefined();
  });

  it.each([
    [['gpu-plugn'], "there is no deployments/gpu-plugn (did you mean 'gpu-plugin'?). There are: "],
    [['gpu-plugin', '--overlay', 'healt'], "gpu-plugin has no overlay 'healt' (did you mean 'health'?). There are: "],
    [['gpu-plugin', '--set', 'VERBOSE=4'], "there is no parameter VERBOSE (did you mean 'VERBOSITY'?). There are: "],
    [['gpu-plugin', '--set', 'VERBOSITY=much'], 'VERBOSITY=much: has to be a whole number'],
    [[], 'name a plugin'],
  ])('changes nothing for %j', async (args, message) => {
    await expect(run(env(), 'deploy', ...args)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(message) as string,
    });
    expect(await programs.argumentsOf('kubectl')).toBeUndefined();
  });
});

describe('without programs', () => {
  it('says what to install', async () => {
    const message = `there is neither kustomize nor kubectl in PATH: ${kustomizeRemedy}`;
    await expect(run({ PATH: programs.path }, 'deploy', 'gpu-plugin')).rejects.toThrow(message);
  });

  it('needs a kubectl to deploy', async () => {
    await programs.add('kustomize', '{ apiVersion: v1, kind: Namespace, metadata: { name: a } }');
    await expect(run({ PATH: programs.path }, 'deploy', 'gpu-plugin')).rejects.toThrow('there is no kubectl in PATH');
  });
});

describe('main.ts', () => {
  it.each([
    [['deploy', '--help'], 0, /^ {2}simple-plugin +debug, .*simulator$/m],
    [['undeploy', 'gpu'], 2, /^npm run undeploy: there is no deployments\/gpu [^]*npm run deploy -- --help/],
    [['deploy', 'gpu-plugin'], 1, /^npm run deploy: there is neither kustomize nor kubectl/],
  ])('answers %j with exit code %i', { timeout: 60_000 }, async (args, exitCode, told) => {
    const child = spawn(process.execPath, [main, ...args], { env: { PATH: programs.path } });
    const closed = once(child, 'close');
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    expect(await closed).toEqual([exitCode, null]);
    expect(stdout + stderr).toMatch(told);
  });

  it('ends without a word when nobody reads what it prints', async () => {
    const child = spawn(process.execPath, [main, 'deploy', '--help']);
    child.stdout.destroy();
    const closed = once(child, 'close');
    expect(await text(child.stderr)).toBe('');
    expect(await closed).toEqual([0, null]);
  });

  it('says that the disk is full', async () => {
    await using full = await open('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, [main, 'deploy', '--help'], {
      stdio: ['ignore', full.fd, 'pipe'],
      encoding: 'utf8',
    });
    expect(stderr).toMatch(/^npm run deploy: standard output cannot be written: ENOSPC.*\n$/);
    expect(status).toBe(1);
  });
});

const kustomize = findKustomize(process.env);
if (kustomize === undefined)
  console.warn(`SKIPPED: npm run deploy is not tried with real kustomize: ${kustomizeRemedy}`);

describe.skipIf(kustomize === undefined)('with real kustomize', () => {
  const env = { PATH: process.env.PATH, KUSTOMIZE: process.env['KUSTOMIZE'], HOME: process.env['HOME'] };

  async function dryRun(...args: readonly string[]): Promise<string> {
    return (await run(env, 'deploy', ...args, '--dry-run')).objects;
  }

  it('deploys the simulator by its parameters', async () => {
    const settings = ['NAMESPACE=sim', 'RESOURCE_NAME=example.com/red', 'NUMBER_DEVICES=4', 'ENV_PREFIX=$(A)\n'];
    const manifests = parseManifests(
      await dryRun('simple-plugin', ...settings.flatMap((setting) => ['--set', setting])),
    );
    expect(manifests.map(({ kind }) => kind)).toEqual(['Namespace', 'DaemonSet']);
    expect(manifests[0]?.metadata.name).toBe('sim');
    expect(manifests[1]?.metadata.namespace).toBe('sim');
    const [container] = manifests[1]?.spec?.template?.spec?.containers ?? [];
    expect(container?.args).toEqual(['-v=$(VERBOSITY)']);
    expect(container?.env).toEqual(
      expect.arrayContaining([
        { name: 'RESOURCE_NAME', value: 'example.com/red' },
        { name: 'NUMBER_DEVICES', value: '4' },
        { name: 'ENV_PREFIX', value: '$$(A)\n' },
        { name: 'DEVICE_ID_PREFIX', value: 'simple-device' },
      ]),
    );
  });

  it('takes every image of this project from a registry, and no other', async () => {
    const images = ['--registry', 'registry.example.com:5000/x', '--tag', '9'];
    const text = await dryRun('qat-plugin', '--overlay', 'qat_initcontainer', ...images);
    expect([...text.matchAll(/image: (.*)/g)].map(([, image]) => image)).toEqual([
      'registry.example.com:5000/x/intel-qat-plugin:9',
      'registry.example.com:5000/x/intel-qat-initcontainer:9',
    ]);
    expect(await dryRun('gpu-plugin', '--overlay', 'health', ...images)).toContain('image: intel/intel-gpu-levelzero:');
  });

  it('names what is wrong with parameters of an overlay that has not got them', async () => {
    const args = ['simple-plugin', '--overlay', 'debug', '--set', 'NUMBER_DEVICES=4', '--dry-run'];
    await expect(run(env, 'deploy', ...args)).rejects.toMatchObject({
      exitCode: 2,
      message: "there is no parameter NUMBER_DEVICES in overlay 'debug': take --overlay simulator",
    });
    const unknown = ['simple-plugin', '--overlay', 'debug', '--set', 'NUMBER_DEVICE=4', '--dry-run'];
    await expect(run(env, 'deploy', ...unknown)).rejects.toThrow('there is no parameter NUMBER_DEVICE. There are: ');
  });
});
