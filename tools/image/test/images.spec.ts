// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FakeKubelet, hostFixture, RunningPlugin } from '@kube-device-plugins/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ImageArchive } from '../src/archive/image-archive.ts';
import type { TarEntry } from '../src/archive/read-tar.ts';
import { weighLayers, type LayerWeight } from '../src/archive/weigh-layers.ts';
import type { Sbom } from '../src/sbom.ts';
import { ContainerStorage, missingForContainers, inFolder, strictly } from './container-tools.ts';
import { fixtureHosts } from './fixture-hosts.ts';
import { publishedImages } from './published-images.ts';

const root = join(import.meta.dirname, '../../..');
const missing = missingForContainers();
if (missing !== undefined) console.warn(`SKIPPED: no image is built or run, for there is no ${missing}`);

const definitions = await publishedImages(root);
const hosts = await fixtureHosts();
const [registry, tag] = ['localhost/kdp-test', '1.2.3-test'];
const fullName = (name: string): string => `${registry}/${name}:${tag}`;

/** Has each script that is given a code cache say whether V8 took it; without a space, for it goes into a variable. */
const watchScripts = `data:text/javascript,${encodeURIComponent(`
  const vm = process.getBuiltinModule('node:vm');
  vm.Script = class extends vm.Script {
    constructor(text, options) {
      super(text, options);
      console.error(options.filename + ': cache rejected: ' + this.cachedDataRejected);
    }
  };`)}`;

/** What the tests look at, read once: an archive has 130 MB. */
interface Inspected {
  readonly config: ImageArchive['config'];
  readonly weights: readonly LayerWeight[];
  readonly base: readonly TarEntry[];
  readonly last: readonly TarEntry[];
  readonly texts: ReadonlyMap<string, string>;
}

describe.skipIf(missing !== undefined)('images, built with buildah on a base made here', { timeout: 120_000 }, () => {
  let storage: ContainerStorage;
  let printed: string;
  const inspected = new Map<string, Inspected>();
  const image = (name: string): Inspected => inspected.get(name) ?? expect.fail(`${name} was not built`);

  beforeAll(async () => {
    storage = await ContainerStorage.make();
    const how = ['--local-base', '--builder', 'buildah', '--archive', storage.directory];
    const main = join(root, 'tools/image/src/main.ts');
    const build = async (kind: string, ...init: string[]): Promise<string> => {
      const plugins = definitions.filter((definition) => definition.kind === kind).map(({ plugin }) => plugin);
      const args = [...plugins, ...init, ...how, '--registry', registry, '--tag', tag];
      return (await storage.run(process.execPath, main, ...args)).stdout;
    };
    printed = (await build('plugin')) + (await build('init', '--init'));
    for (const { name } of definitions) inspected.set(name, await inspect(name));
  }, 300_000);

  afterAll(() => storage.remove());

  async function inspect(name: string): Promise<Inspected> {
    await using archive = await ImageArchive.open(join(storage.directory, `${name}.tar`));
    const weights = await weighLayers(
      archive,
      join(root, 'node_modules/.cache/image/weights.json'),
      AbortSignal.timeout(60_000),
    );
    const layers = [];
    for (const layer of archive.layers) layers.push(await archive.entries(layer));
    const last = layers.at(-1) ?? [];
    const texts = new Map<string, string>();
    for (const entry of last.filter(({ path }) => /\.(mjs|txt)$/.test(path)))
      texts.set(entry.path, (await archive.content(entry)).toString('utf8'));
    return { config: archive.config, weights, base: layers.slice(0, -1).flat(), last, texts };
  }

  describe.each(definitions)('$name', ({ name, plugin, kind, entrypoint, commands }) => {
    it('has no shell, no npm and no source map, and no other program than it says', () => {
      const { base, last, texts } = image(name);
      const files = [...base, ...last];
      const suspicious =
        /(^|\/)((ba|da|a|z|k)?sh|busybox|toybox|npm|npx|corepack|yarn|apt|apt-get|rpm|apk|node_modules)$|\.map$/;
      expect(files.map(({ path }) => path).filter((path) => suspicious.test(path))).toEqual([]);
      const programs = files.filter((entry) => entry.kind === 'file' && (entry.mode & 0o111) !== 0);
      const own = [...new Set(Object.values(commands))].map((bundle) => `app/${bundle}`);
      const inBase = programs.map(({ path }) => path).filter((path) => !own.includes(path));
      expect(inBase.sort()).toEqual([expect.stringMatching(/\/ld-linux-/), 'nodejs/bin/node']);
      expect(programs).toHaveLength(inBase.length + own.length);
      for (const [path, text] of texts) expect(text, path).not.toContain('sourceMappingURL');
    });

    it('belongs to root, and nobody else may write in it', () => {
      const { base, last } = image(name);
      const isOpen = ({ kind: what, uid, mode, path }: TarEntry): boolean =>
        path !== 'tmp' && (uid !== 0 || (what !== 'link' && (mode & 0o6022) !== 0));
      expect([...base, ...last].filter(isOpen)).toEqual([]);
    });

    it('has its commands where upstream has them, each started by the Node of the base', () => {
      const { last, texts, config } = image(name);
      const links = last.filter((entry) => entry.kind === 'link').map(({ path, target }) => [path, target]);
      const expected = Object.entries(commands).map(([command, bundle]) => [
        `usr/local/bin/${command}`,
        `/app/${bundle}`,
      ]);
      expect(links.sort()).toEqual(expected.sort());
      for (const bundle of Object.values(commands))
        expect(texts.get(`app/${bundle}`)).toMatch(/^#!\/nodejs\/bin\/node --max-semi-space-size=1\n/);
      expect(config.config.Entrypoint).toEqual([kind === 'plugin' ? '/app/main.mjs' : `/usr/local/bin/${entrypoint}`]);
      expect(commands).toHaveProperty(entrypoint);
    });

    it('says what it is', async () => {
      const { config, texts } = image(name);
      const { stdout } = await promisify(execFile)('git', ['rev-parse', 'HEAD'], { cwd: root }).catch(() => ({
        stdout: '',
      }));
      expect(config.config.Labels).toMatchObject({
        'org.opencontainers.image.title': name,
        'org.opencontainers.image.description': expect.stringMatching(/\w/) as string,
        'org.opencontainers.image.version': tag,
        'org.opencontainers.image.revision': stdout.trim(),
        'org.opencontainers.image.licenses': 'Apache-2.0',
        'org.opencontainers.image.base.name': expect.stringContaining('kube-device-plugins/base') as string,
      });
      expect(config.config.User).toBe('0:0');
      expect(texts.get('app/LICENSES.txt')).toContain('License: ');
    });

    it('weighs at most 50 MB compressed, and its last layer less than 2 MB', () => {
      const { weights } = image(name);
      expect(weights.reduce((sum, { gzipBytes }) => sum + gzipBytes, 0)).toBeLessThan(50e6);
      expect(weights.at(-1)?.bytes).toBeLessThan(2e6);
      for (const { diffId, gzipBytes } of weights) {
        expect(printed).toContain(diffId.slice('sha256:'.length, 'sha256:'.length + 12));
        expect(gzipBytes).toBeGreaterThan(0);
      }
    });

    it('shares every other layer with all images', () => {
      const shared = (of: Inspected): string[] => of.weights.slice(0, -1).map(({ diffId }) => diffId);
      expect(shared(image(name))).toHaveLength(2);
      for (const other of inspected.values()) expect(shared(other)).toEqual(shared(image(name)));
    });

    it('has a bill of materials of what is in it', async () => {
      const text = await readFile(join(root, 'dist', plugin, `${name}.cdx.json`), 'utf8');
      const { components, metadata, specVersion } = JSON.parse(text) as Sbom;
      expect(specVersion).toBe('1.5');
      expect(metadata.component).toMatchObject({ type: 'container', name, version: tag });
      const purls = components.map(({ purl = '' }) => purl);
      const expected = [`pkg:generic/node@${process.versions.node}`, 'pkg:npm/pino@', 'pkg:deb/debian/libc6@'];
      for (const start of [...expected, `pkg:npm/%40kube-device-plugins/${plugin}@`])
        expect(
          purls.filter((purl) => purl.startsWith(start)),
          start,
        ).toHaveLength(1);
      expect(purls.filter((purl) => /testkit|proto-loader|vitest/.test(purl))).toEqual([]);
    });
  });

  const plugins = definitions.filter(({ kind }) => kind === 'plugin');

  it.each(plugins)(
    '$plugin runs read-only without rights in 64 MiB, registers, and stops in good order',
    async ({ name, plugin }) => {
      const { tree, flags, resource, devices } =
        hosts[plugin] ?? expect.fail(`fixture-hosts.ts has no host for ${plugin}`);
      await using host = await hostFixture(tree);
      const place = (folder: string): string => join(storage.directory, 'k', folder);
      for (const folder of ['cdi', 'plugins']) await mkdir(place(folder), { recursive: true });
      await using kubelet = new FakeKubelet({ dir: place('plugins') });
      await kubelet.start();
      const mounts = {
        [place('plugins')]: '/var/lib/kubelet/device-plugins',
        [place('cdi')]: '/var/run/cdi',
        [host.root]: '/host',
      };
      const env = ['-e', `NODE_OPTIONS=--use-openssl-ca --import=${watchScripts}`, '-e', 'NODE_NAME=node1'];
      const container = new RunningPlugin(
        [...inFolder(storage.directory), ...strictly('64m', mounts), ...env, fullName(name), ...flags],
        storage.env,
      );
      try {
        const listed = kubelet.waitFor({ resource, devices, allocatable: devices }, { timeoutMs: 60_000 });
        await Promise.race([
          listed,
          container.exited.then((code) => expect.fail(`it ended with ${code}: ${container.stderr}`)),
        ]);
        const [device] = kubelet.resources().get(resource)?.devices ?? [];
        expect(await kubelet.describeDevice(resource, device?.id ?? '')).toBeDefined();
      } finally {
        expect(await container.stop(), container.stderr).toBe(0);
      }
      // Made by the Node of the base, it is what the base's Node takes.
      expect(container.stderr).toContain('/app/main.mjs: cache rejected: false');
    },
  );

  it('is killed by the limit of memory when it is far too low, so the limit counts', async () => {
    const container = new RunningPlugin(
      [...inFolder(storage.directory), ...strictly('8m', {}), fullName('simple-device-plugin'), '-h'],
      storage.env,
    );
    // 128 + SIGKILL.
    expect(await container.exited).toBe(137);
  });

  it.each(definitions)('$name starts each of its commands by its name', async ({ name, commands }) => {
    for (const command of Object.keys(commands)) {
      const run = [...strictly('64m', {}), '--entrypoint', `/usr/local/bin/${command}`, fullName(name), '-h'] as const;
      const { stdout, stderr } = await storage.run(run[0], ...run.slice(1));
      expect(stdout + stderr).toMatch(/usage|-h/i);
    }
  });

  it('installs the programs of the FPGA plugin on a node, where they run without a container', async () => {
    const to = join(storage.directory, 'fpga-sw');
    await mkdir(to);
    const run = [...strictly('64m', { [to]: to }), fullName('intel-fpga-initcontainer'), '-to', to] as const;
    await storage.run(run[0], ...run.slice(1));
    expect((await readdir(to)).sort()).toEqual(['app', 'fpga_tool', 'intel-fpga-crihook', 'node']);
    expect((await readdir(join(to, 'app'))).sort()).toEqual([
      'LICENSES.txt',
      'fpga-crihook.mjs',
      'fpga-tool.mjs',
      'koffi.node',
    ]);
    const { stdout, stderr } = await promisify(execFile)(join(to, 'fpga_tool'), ['-h'], { env: {} });
    expect(stdout + stderr).toContain('-dry-run');
  });
});
