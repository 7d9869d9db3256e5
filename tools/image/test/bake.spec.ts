// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { publishedImages } from './published-images.ts';

const folder = join(import.meta.dirname, '../../../build/docker');
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
const bake = read('docker-bake.hcl');
const definitions = await publishedImages(join(folder, '../..'));

describe('docker-bake.hcl', () => {
  it('has every published image and no other', () => {
    const [, plugin = '', init = ''] = /target "plugin" \{(.*?)\n\}.*target "init" \{(.*?)\n\}/s.exec(bake) ?? [];
    const listed = Object.entries({ plugin, init }).flatMap(([kind, target]) =>
      [...target.matchAll(/\{ plugin = "([^"]+)", name = "([^"]+)" \}/g)].map(([, of, name]) => [kind, of, name]),
    );
    expect(listed.sort()).toEqual(definitions.map(({ kind, plugin: of, name }) => [kind, of, name]).sort());
  });
});

describe('the Dockerfiles', () => {
  const names = ['plugin', ...definitions.filter(({ kind }) => kind === 'init').map(({ name }) => name.slice(6))];

  it.each(names)('%s.Dockerfile takes the same images by default as all others', (name) => {
    expect(existsSync(join(folder, `${name}.Dockerfile`))).toBe(true);
    for (const variable of ['BASE_IMAGE', 'BUILD_IMAGE']) {
      const inBake = new RegExp(`variable "${variable}" \\{\\s*default = "([^"]+)"`).exec(bake)?.[1];
      expect(new RegExp(`^ARG ${variable}=(.*)$`, 'm').exec(read(`${name}.Dockerfile`))?.[1]).toBe(inBake);
    }
  });

  it.each(names)('%s.Dockerfile names the version of the workspace', (name) => {
    const { version } = JSON.parse(readFileSync(join(folder, '../../package.json'), 'utf8')) as { version: string };
    expect(read(`${name}.Dockerfile`)).toContain(`\nARG VERSION=${version}\n`);
    expect(bake).toContain(`default = "${version}"`);
  });
});
