// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assemble, type Assembly } from './assemble.ts';

const manifest = {
  description: 'Some devices',
  image: { name: 'x-plugin', entrypoint: 'x_device_plugin', commands: { x_tool: 'tool.mjs', x_alias: 'tool.mjs' } },
  initImage: { name: 'x-init', entrypoint: 'x-init', commands: { 'x-init': 'init.mjs' } },
};
let folder: string;
let assembly: Assembly;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kdp-'));
  const from = join(folder, 'dist');
  await mkdir(join(from, 'arm64'), { recursive: true });
  const files = {
    'package.json': JSON.stringify(manifest),
    'main.mjs': '#!/usr/bin/env node\nprocess.exit(3);\n//# sourceMappingURL=main.mjs.map\n',
    'main.mjs.map': '{}',
    'tool.mjs': '#!/usr/bin/env node\n1;\n',
    'init.mjs': "#!/usr/bin/env node\nrequire('./native.node');\n",
    'native.node': 'for this machine',
    'arm64/native.node': 'for arm64',
    'LICENSES.txt': 'of all',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(from, name), text);
  const arch = { image: 'arm64', here: 'x64' };
  assembly = {
    from,
    natives: join(from, 'arm64'),
    to: join(folder, 'image'),
    plugin: 'x-plugin',
    kind: 'plugin',
    node: '/nodejs/bin/node',
    arch,
  };
});
afterEach(() => rm(folder, { recursive: true }));

async function files(): Promise<string[]> {
  const entries = await readdir(assembly.to, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name).slice(assembly.to.length));
}

describe('assemble()', () => {
  it('takes the programs of a plugin, their names and licences, and nothing else', async () => {
    expect(await assemble(assembly)).toBeUndefined();
    const names = ['x_alias', 'x_device_plugin', 'x_tool'].map((name) => `/usr/local/bin/${name}`);
    expect((await files()).sort()).toEqual(['/app/LICENSES.txt', '/app/main.mjs', '/app/tool.mjs', ...names]);
    expect(await readlink(join(assembly.to, 'usr/local/bin/x_device_plugin'))).toBe('/app/main.mjs');
    expect(await readFile(join(assembly.to, 'app/main.mjs'), 'utf8')).toMatch(
      /^#!\/nodejs\/bin\/node .*\nprocess\.exit\(3\);\n$/,
    );
    expect((await stat(join(assembly.to, 'app/main.mjs'))).mode & 0o777).toBe(0o755);
  });

  it('takes the native file that an init container uses', async () => {
    await assemble({ ...assembly, kind: 'init' });
    const program = '/usr/local/bin/x-init';
    expect((await files()).sort()).toEqual(['/app/LICENSES.txt', '/app/init.mjs', '/app/native.node', program]);
    expect(await readFile(join(assembly.to, 'app/native.node'), 'utf8')).toBe('for arm64');
  });

  it('makes no image of a plugin that does not start', async () => {
    const here = { ...assembly, node: process.execPath, arch: { image: process.arch, here: process.arch } };
    await expect(assemble(here)).rejects.toThrow('x-plugin does not start and stop on this base');
    await expect(assemble({ ...here, to: join(folder, 'other'), node: '/nowhere/node' })).rejects.toThrow(
      'does not start',
    );
  });

  it('starts a plugin with the flags that it needs', async () => {
    const here = { ...assembly, node: process.execPath, arch: { image: process.arch, here: process.arch } };
    const started = join(folder, 'started');
    const main = `#!/usr/bin/env node
      process.getBuiltinModule('node:fs').writeFileSync(${JSON.stringify(started)}, process.argv[2]);
      const server = process.getBuiltinModule('node:http').createServer((_, answer) => answer.end()).listen(0, () => {
        console.error('"serving metrics and health" address="127.0.0.1:' + server.address().port + '"');
      });
      process.once('SIGTERM', () => process.exit());
    `;
    await writeFile(join(assembly.from, 'main.mjs'), main);
    await writeFile(join(assembly.from, 'package.json'), JSON.stringify({ ...manifest, startFlags: ['-plugins=a,b'] }));
    expect(await assemble(here)).toBeGreaterThan(0);
    expect(await readFile(started, 'utf8')).toBe('-plugins=a,b');
    expect(await files()).toEqual(
      expect.arrayContaining(['main.cache', 'main.js', 'main.mjs'].map((name) => `/app/${name}`)),
    );
    expect(await readFile(join(assembly.to, 'app/main.mjs'), 'utf8')).toMatch(/^#!.* --max-semi-space-size=1\n/);
  });

  it('says that there is no such image', async () => {
    await writeFile(join(assembly.from, 'package.json'), JSON.stringify({ description: 'x', image: manifest.image }));
    await expect(assemble({ ...assembly, kind: 'init' })).rejects.toThrow(
      'packages/x-plugin/package.json has no initImage',
    );
  });
});
