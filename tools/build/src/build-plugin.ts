// SPDX-License-Identifier: Apache-2.0
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build, type BuildOptions, type Metafile, type OutputFile } from 'esbuild';
import { hostedPlugins, hostedPluginsOf } from './hosted-plugins.ts';
import { leaveOut, requireServerHalf } from './left-out.ts';
import { licensesOf } from './licenses.ts';
import { nativeKoffi } from './native-koffi.ts';
import { requireBuiltins } from './require-builtins.ts';
import { reduceSourceMap, type SourceMap } from './reduce-source-map.ts';
import { importMetaBanner, writeWarmProgram } from './warm-program.ts';

/** What {@link buildPlugin} wrote. */
export interface Built {
  readonly programs: readonly Program[];
  /** Absent where there is no service, or it could not be started. */
  readonly cacheBytes: number | undefined;
  /** esbuild's account of what went into the bundles. */
  readonly metafile: Metafile;
}

/** Sizes of one bundle. */
export interface Program {
  /** File name: `main.mjs`. */
  readonly name: string;
  readonly bytes: number;
  readonly mapBytes: number;
}

/**
 * CommonJS dependencies call require() for Node's own modules, and an ES module has none. These are asked of the process: an import of
 * node:module would read all of it, and its require() costs more than what it finds. The name is long so that no bundled name collides.
 */
const requireBanner = `${importMetaBanner}const require=id=>process.getBuiltinModule(id)??process.getBuiltinModule('node:module').createRequire(importMetaUrl)(id);`;

/** `performance` loads nine modules when it is first used, 1.5 ms of CPU; this is the same clock, also from the start of the process on. */
const clockBanner = 'const monotonicMs=()=>process.uptime()*1e3;';

/** Older ones understand the bundle well enough to begin with it, and fail somewhere inside. */
const versionBanner =
  "if(parseInt(process.versions.node)<24){console.error('This program needs Node.js 24 or newer, this is '+process.version+'.');process.exit(1)}";

/**
 * Bundles `packages/<name>/src/main.ts` and each program `packages/<name>/src/main/<command>.ts` to `dist/<name>/`: `main.mjs` and
 * `<command>.mjs`, which Node runs with nothing beside them, their source maps reduced to our own sources, `LICENSES.txt` of
 * everything bundled, and `warm/`, the plugin as its image starts it. A native file that a program loads lies beside it, and
 * package.json, for what it says of images. What no image is made of, such as kdp, has neither `warm/` nor package.json.
 *
 * @throws Error when the sources do not bundle, or bundle more than the server half of grpc-js.
 */
export async function buildPlugin(root: string, name: string): Promise<Built> {
  const out = join(root, 'dist', name);
  const manifest = await readManifest(root, name);
  const isService = manifest.image !== undefined;
  const { outputFiles, metafile } = await build({
    ...options(root, await entriesOf(root, name), out),
    // The client half of grpc-js is what a tool that examines plugins needs.
    plugins: [hostedPlugins, requireBuiltins, ...(isService ? [leaveOut] : []), nativeKoffi],
  });
  if (isService) requireServerHalf(metafile);

  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const bundles = outputFiles.filter(({ path }) => path.endsWith('.mjs'));
  const programs = await Promise.all(bundles.map((bundle) => writeProgram(bundle, outputFiles)));
  const natives = outputFiles.filter(({ path }) => path.endsWith('.node'));
  await Promise.all(natives.map(({ path, contents }) => writeFile(path, contents)));
  await writeFile(join(out, 'LICENSES.txt'), await licensesOf(root, bundledFiles(metafile)));
  if (!isService) return { programs, cacheBytes: undefined, metafile };
  const flags = await writeManifest(manifest, join(root, 'packages', name), out);
  const cacheBytes = await warm(await readFile(join(out, 'main.mjs'), 'utf8'), join(out, 'warm'), flags);
  return { programs, cacheBytes, metafile };
}

/** The plugin as its image starts it, unless it cannot be started here. */
async function warm(bundle: string, folder: string, flags: readonly string[]): Promise<number | undefined> {
  const cacheBytes = await writeWarmProgram(bundle, folder, { node: process.execPath, firstLine: '', flags });
  if (cacheBytes === undefined) await rm(folder, { recursive: true });
  return cacheBytes;
}

/** The plugin first. Folders in src/main hold what the programs are made of. */
async function entriesOf(root: string, name: string): Promise<string[]> {
  const source = `packages/${name}/src`;
  const files = await readdir(join(root, source, 'main')).catch(() => []);
  const commands = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts')).sort();
  return [`${source}/main.ts`, ...commands.map((file) => `${source}/main/${file}`)];
}

async function readManifest(root: string, name: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(root, 'packages', name, 'package.json'), 'utf8')) as Manifest;
}

/** What images are made by, where there are no sources. Returns what a start needs beside the flags of every plugin. */
async function writeManifest(manifest: Manifest, from: string, to: string): Promise<readonly string[]> {
  const plugins = await hostedPluginsOf(join(from, 'src'));
  const startFlags = plugins.length === 0 ? (manifest.startFlags ?? []) : [`-plugins=${plugins.join(',')}`];
  await writeFile(join(to, 'package.json'), JSON.stringify({ ...manifest, startFlags }, undefined, 2));
  return startFlags;
}

/** A plugin's package.json. */
interface Manifest {
  /** Where it is a service that an image is made of. */
  readonly image?: unknown;
  readonly startFlags?: readonly string[];
}

async function writeProgram({ path, text }: OutputFile, files: readonly OutputFile[]): Promise<Program> {
  if (/[^\0-\xff]/.test(text))
    throw new Error(
      `${path} has a character above U+00FF: V8 would keep it as two bytes a character, twice the memory`,
    );
  const source = files.find((file) => file.path === `${path}.map`)?.text ?? '';
  const map = JSON.stringify(reduceSourceMap(JSON.parse(source) as SourceMap, isOurs));
  await writeFile(path, text);
  await chmod(path, 0o755);
  await writeFile(`${path}.map`, map);
  return { name: basename(path), bytes: Buffer.byteLength(text), mapBytes: Buffer.byteLength(map) };
}

function options(root: string, entryPoints: string[], outdir: string) {
  return {
    absWorkingDir: root,
    entryPoints,
    outdir,
    entryNames: '[name]',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    minify: true,
    legalComments: 'none',
    sourcemap: 'linked',
    sourcesContent: false,
    banner: { js: versionBanner + requireBanner + clockBanner },
    define: { 'import.meta.url': 'importMetaUrl', 'performance.now': 'monotonicMs' },
    metafile: true,
    // The same library as an ES module: half the time to load.
    alias: { yaml: join(root, 'node_modules/yaml/browser/dist/index.js') },
    loader: { '.node': 'copy' },
    assetNames: '[name]',
    write: false,
    logLevel: 'warning',
  } satisfies BuildOptions;
}

/** The source map answers one question: which line of ours logged this. */
function isOurs(source: string): boolean {
  return /(^|\/)packages\/[^/]+\/src\//.test(source) && !source.includes('/kubelet-api/');
}

/** Only what has bytes in the output: types and unused exports of a package need no licence text. */
function bundledFiles({ outputs }: Metafile): string[] {
  return Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );
}
