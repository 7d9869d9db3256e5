// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { pluginGenerator, type Tree } from './generator.ts';

const root = join(import.meta.dirname, '../../..');

/** A tree that has these files, and remembers what is written. */
function treeWith(...there: readonly string[]): Tree & { readonly written: Map<string, string> } {
  const written = new Map<string, string>();
  return {
    root,
    written,
    exists: (path) => there.includes(path),
    write: (path, content) => {
      written.set(path, content);
    },
  };
}

describe('pluginGenerator()', () => {
  it('writes a package, manifests and an end-to-end test, and nothing else', async () => {
    const tree = treeWith();
    await pluginGenerator(tree, { name: 'npu' });
    const folders = ['packages/npu-plugin/', 'deployments/npu-plugin/', 'test/e2e/npu-plugin.e2e.ts'];
    expect([...tree.written.keys()].filter((path) => !folders.some((folder) => path.startsWith(folder)))).toEqual([]);
    const roles = ['main', 'options', 'plugin', 'sysfs', 'device-tree', 'allocation-policy'];
    expect([...tree.written.keys()]).toEqual(
      expect.arrayContaining(roles.map((role) => `packages/npu-plugin/src/${role}.ts`)),
    );
  });

  it('leaves no word of a template, and says what it was told', async () => {
    const tree = treeWith();
    const options = { name: 'npu', namespace: 'npu.example.org', resource: 'core', vendorId: '1af4', class: 'npus' };
    await pluginGenerator(tree, options);
    for (const [path, text] of tree.written) expect(`${path}\n${text}`).not.toMatch(/__[a-zA-Z]+__|8086|intel/);
    expect(tree.written.get('packages/npu-plugin/src/options.ts')).toContain("namespace = 'npu.example.org'");
    expect(tree.written.get('packages/npu-plugin/src/device-tree.ts')).toContain("resource = 'core'");
    expect(tree.written.get('packages/npu-plugin/src/sysfs.ts')).toMatch(/'\/sys\/class\/npus'[^]*'0x1af4'/);
  });

  it('takes the vendor as it was typed, where Nx has made a number of it', async () => {
    const argv = process.argv;
    try {
      process.argv = ['node', 'nx', 'g', 'plugin', 'npu', '--vendor-id', '0x15b3'];
      const tree = treeWith();
      await pluginGenerator(tree, { name: 'npu', vendorId: 0x15b3 });
      expect(tree.written.get('packages/npu-plugin/src/sysfs.ts')).toContain("'0x15b3'");
    } finally {
      process.argv = argv;
    }
  });

  it('has the version of the workspace everywhere', async () => {
    const tree = treeWith();
    await pluginGenerator(tree, { name: 'npu' });
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    const daemonSet = parse(tree.written.get('deployments/npu-plugin/base/daemonset.yaml') ?? '') as DaemonSet;
    expect(daemonSet.spec.template.spec.containers[0].image).toBe(`kube-device-plugins/intel-npu-plugin:${version}`);
    expect(JSON.parse(tree.written.get('packages/npu-plugin/package.json') ?? '')).toMatchObject({
      version,
      dependencies: { '@kube-device-plugins/core': version },
    });
  });

  it('deploys it as the others are', async () => {
    const tree = treeWith();
    await pluginGenerator(tree, { name: 'simple' });
    const text = tree.written.get('deployments/simple-plugin/base/daemonset.yaml') ?? '';
    const other = readFileSync(join(root, 'deployments/simple-plugin/base/daemonset.yaml'), 'utf8');
    const [generated, real] = [text, other].map((yaml) => podOf(parse(yaml) as DaemonSet));
    expect(generated).toEqual(real);
  });

  it('takes the place of nothing', async () => {
    const tree = treeWith('packages/npu-plugin/package.json');
    await expect(pluginGenerator(tree, { name: 'npu' })).rejects.toThrow(
      'there is packages/npu-plugin/package.json already: choose another name than npu',
    );
    expect(tree.written.size).toBe(0);
  });
});

type Named = readonly { readonly name: string }[];

interface DaemonSet {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly [
          { readonly image: string; readonly args: readonly string[]; readonly volumeMounts: Named },
        ];
        readonly volumes: Named;
      };
    };
  };
}

/** Without the configuration, which only the simple plugin has, and what the image is called. */
function podOf({ spec }: DaemonSet): unknown {
  const { containers, volumes, ...rest } = spec.template.spec;
  const { volumeMounts, ...container } = containers[0];
  const named = [volumes, volumeMounts].map((list) => list.filter(({ name }) => name !== 'config'));
  return { ...rest, named, container: { ...container, args: container.args.slice(0, 1), image: '' } };
}
