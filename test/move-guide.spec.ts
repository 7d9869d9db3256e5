// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as core from '@kube-device-plugins/core';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { hasKustomize, warnWithoutKustomize } from './support/kustomizations.ts';

const root = join(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const guide = read('docs/guides/move-from-upstream.md');
const commands = [...guide.matchAll(/^ *```sh\n(.*?)^ *```$/gms)].flatMap(([, text = '']) =>
  text
    .trim()
    .split('\n')
    .map((line) => line.trim()),
);

describe('docs/guides/move-from-upstream.md', () => {
  it('names no flag of ours that there is not', () => {
    const [, ...ours] = read('docs/reference/flags.md').split('<!-- flags -->');
    const flags = new Set([...ours.join().matchAll(/^\| `(-[\w-]+)/gm)].map(([, flag]) => flag));
    // What the plugin before had stands in the first column of a table.
    const text = guide.replaceAll(/^\| [^|]*\|(?=.*)/gm, '|').replaceAll(/```.*?```/gs, '');
    const named = [...text.matchAll(/`(?:npm start.*? )?(-[a-z][\w-]+)[^`]*`/g)].map(([, flag]) => flag);
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter((flag) => !flags.has(flag))).toEqual([]);
  });

  it.each([
    ['gpu', ['allow-ids', 'allocation-policy', 'bypath', 'deny-ids', 'enable-monitoring', 'gpu-temp-limit']],
    ['gpu', ['health-management', 'memory-temp-limit', 'monitoring-mode', 'prefix', 'shared-dev-num', 'temp-limit']],
    ['gpu', ['wsl', 'xpumd-endpoint']],
    ['qat', ['allocation-policy', 'dpdk-driver', 'kernel-vf-drivers', 'max-num-devices', 'mode', 'debug']],
    ['fpga', ['kubeconfig', 'master', 'mode', 'node-name']],
    ['simple', ['config', 'device', 'domain']],
  ])('says rightly that %s has the flags of before: %j', (plugin, flags) => {
    const table = read(`packages/${plugin}-plugin/README.md`);
    for (const flag of flags) expect(table).toMatch(new RegExp(`^\\| \`-${flag}[ \`]`, 'm'));
  });

  it.each(
    [...guide.matchAll(/^\| `(Gpu|Qat|Fpga)DevicePlugin` +\| `(.*)` +\|$/gm)].map(([, kind, args]) => [kind, args]),
  )('says rightly that %s takes %s', { timeout: 60_000 }, async (kind = '', args = '') => {
    const main = join(root, `packages/${kind.toLowerCase()}-plugin/src/main.ts`);
    // Flags are read in their order, and the first wrong one ends it.
    const run = promisify(execFile)(process.execPath, [main, ...args.split(' '), '-no-such-flag'], { env: {} });
    await expect(run).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^\S*.*-no-such-flag/) as string,
    });
  });

  it('applies kustomizations that are there', () => {
    const named = [...guide.matchAll(/deployments\/[\w/-]+/g)].map(([path]) => path);
    expect(named.length).toBeGreaterThan(10);
    for (const path of named.filter((one) => !one.endsWith('config'))) {
      expect(existsSync(join(root, path, 'kustomization.yaml')), path).toBe(true);
    }
  });

  it('has commands that kubectl and npm know', () => {
    const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Record<string, string> };
    for (const command of commands) {
      const [, script] = /^npm (?:run )?([\w:-]+)/.exec(command) ?? [];
      if (script !== undefined) expect(Object.keys(scripts)).toContain(script);
      else expect(command).toMatch(/^kubectl (-n \S+ )?(get|diff|apply|delete|create|replace|rollout (status|undo)) /);
    }
    expect(commands.length).toBeGreaterThan(15);
  });

  const deployed = [...guide.matchAll(/npm run (deploy|undeploy) -- ([^`\n]+)/g)].map(
    ([, task = '', args = '']) => [task, args] as const,
  );
  warnWithoutKustomize('docs/guides/move-from-upstream.md, npm run deploy');

  it.skipIf(!hasKustomize).each(deployed)(
    'has options that npm run %s takes: %s',
    { timeout: 60_000 },
    async (task, args) => {
      const main = join(root, 'tools/deploy/src/main.ts');
      const dry = [...args.split(' ').filter((word) => word !== '--dry-run'), '--dry-run'];
      const { stdout } = await promisify(execFile)(process.execPath, [main, task, ...dry], { cwd: root });
      expect(stdout).toContain('kind: DaemonSet');
    },
  );

  it('waits for DaemonSets that the manifests have', () => {
    const files = globSync('deployments/*/base/daemonset.yaml', { cwd: root });
    const names = files.flatMap((file) =>
      parseAllDocuments(read(file)).map((document) => document.getIn(['metadata', 'name'])),
    );
    const named = commands.flatMap((command) => /rollout \w+ daemonset\/(\S+)/.exec(command)?.[1] ?? []);
    expect(named.length).toBeGreaterThan(2);
    expect(names).toEqual(expect.arrayContaining(named));
    const label = commands.flatMap((command) => /-l app=(\S+)/.exec(command)?.[1] ?? []);
    expect(names).toEqual(expect.arrayContaining(label));
  });

  it('names functions of the framework that there are', () => {
    expect(core).toMatchObject({
      build: expect.any(Function) as unknown,
      buildSimpleDevicePlugin: expect.any(Function) as unknown,
    });
    for (const name of ['buildSimpleDevicePlugin(', '`build(']) expect(guide).toContain(name);
  });
});
