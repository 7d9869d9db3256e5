// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { definitionsOf, readImageDefinitions } from './image-definition.ts';

const manifest = {
  description: 'Some devices',
  image: { name: 'intel-x-plugin', entrypoint: 'intel_x', commands: { x_tool: 'tool.mjs' } },
  initImage: { name: 'intel-x-initcontainer', entrypoint: 'x-init', commands: { 'x-init': 'x-init.mjs' } },
};

describe('definitionsOf()', () => {
  it('knows the image of a plugin, whose entry point is the plugin, and that of its init container', () => {
    const shared = { plugin: 'x-plugin' };
    expect(definitionsOf('x-plugin', manifest)).toEqual([
      {
        ...{ ...shared, kind: 'plugin', description: 'Some devices', name: 'intel-x-plugin', entrypoint: 'intel_x' },
        commands: { intel_x: 'main.mjs', x_tool: 'tool.mjs' },
      },
      { ...shared, kind: 'init', description: 'Sets a node up for x-plugin', ...manifest.initImage },
    ]);
  });

  it('knows none where there is none', () => {
    expect(definitionsOf('core', { description: 'no plugin' })).toEqual([]);
  });
});

describe('readImageDefinitions()', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'kdp-'));
    const withoutInit = { description: manifest.description, image: manifest.image };
    const manifests = { 'x-plugin': manifest, 'y-plugin': withoutInit, core: { description: 'no plugin' } };
    for (const [name, content] of Object.entries(manifests)) {
      await mkdir(join(root, 'packages', name), { recursive: true });
      await writeFile(join(root, 'packages', name, 'package.json'), JSON.stringify(content));
    }
    await mkdir(join(root, 'packages/left-behind'));
  });
  afterEach(() => rm(root, { recursive: true }));

  const names = async (...args: [readonly string[] | 'all', ...('plugin' | 'init')[]]): Promise<string[]> => {
    const [wanted, ...kinds] = args;
    return (await readImageDefinitions(root, wanted, kinds)).map(({ plugin, kind }) => `${plugin} ${kind}`);
  };

  it('finds all, or those that are wanted', async () => {
    expect(await names('all', 'plugin', 'init')).toEqual(['x-plugin plugin', 'x-plugin init', 'y-plugin plugin']);
    expect(await names('all', 'init')).toEqual(['x-plugin init']);
    expect(await names(['y-plugin', 'x-plugin'], 'plugin')).toEqual(['y-plugin plugin', 'x-plugin plugin']);
    expect(await names([], 'plugin')).toEqual([]);
  });

  it('says which there are, and that one has no init container', async () => {
    await expect(names(['z-plugin'], 'plugin')).rejects.toThrow(
      "there is no image for 'z-plugin'; there are images for: x-plugin, y-plugin",
    );
    await expect(names(['y-plugin'], 'init')).rejects.toThrow('packages/y-plugin/package.json has no initImage');
  });
});
