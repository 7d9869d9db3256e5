// SPDX-License-Identifier: Apache-2.0
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type BuildOptions, type Metafile } from 'esbuild';
import { writeCompileCache } from './compile-cache.ts';
import { leaveOut, requireServerHalf } from './left-out.ts';
import { licensesOf } from './licenses.ts';
import { requireBuiltins } from './require-builtins.ts';
import { reduceSourceMap, type SourceMap } from './reduce-source-map.ts';

/** Sizes of what {@link buildPlugin} wrote. */
export interface Built {
  readonly bytes: number;
  readonly mapBytes: number;
  /** Absent where the bundle could not be started. */
  readonly cacheBytes: number | undefined;
  /** esbuild's account of what went into the bundle. */
  readonly metafile: Metafile;
}

/**
 * CommonJS dependencies call require() for Node's own modules, and an ES module has none. It is asked of the process and not imported,
 * as an import of node:module would read all of it. The name is long so that no bundled name collides.
 */
const requireBanner = `const require=process.getBuiltinModule('node:module').createRequire(import.meta.url);`;

/** Older ones understand the bundle well enough to begin with it, and fail somewhere inside. */
const versionBanner =
  "if(parseInt(process.versions.node)<24){console.error('This program needs Node.js 24 or newer, this is '+process.version+'.');process.exit(1)}";

/**
 * Bundles `packages/<name>/src/main.ts` to `dist/<name>/`: `main.mjs`, which Node runs with nothing beside it, its source map
 * reduced to our own sources, `LICENSES.txt` of everything bundled, and V8's compile cache of one start.
 *
 * @throws Error when the sources do not bundle, or bundle more than the server half of grpc-js.
 */
export async function buildPlugin(root: string, name: string): Promise<Built> {
  const out = join(root, 'dist', name);
  const { outputFiles, metafile } = await build(options(root, name, out));
  requireServerHalf(metafile);
  const text = (ending: string): string => outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? '';
  const code = text('main.mjs');
  const map = JSON.stringify(reduceSourceMap(JSON.parse(text('.map')) as SourceMap, isOurs));

  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const main = join(out, 'main.mjs');
  if (/[^\0-\xff]/.test(code))
    throw new Error(
      `${main} has a character above U+00FF: V8 would keep it as two bytes a character, twice the memory`,
    );
  await writeFile(main, code);
  await chmod(main, 0o755);
  await writeFile(`${main}.map`, map);
  await writeFile(join(out, 'LICENSES.txt'), await licensesOf(root, bundledFiles(metafile)));
  const cacheBytes = await writeCompileCache(main, join(out, 'compile-cache'));
  return { bytes: Buffer.byteLength(code), mapBytes: Buffer.byteLength(map), cacheBytes, metafile };
}

function options(root: string, name: string, out: string) {
  return {
    absWorkingDir: root,
    entryPoints: [`packages/${name}/src/main.ts`],
    outfile: join(out, 'main.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    minify: true,
    legalComments: 'none',
    sourcemap: 'linked',
    sourcesContent: false,
    banner: { js: versionBanner + requireBanner },
    metafile: true,
    // The same library as an ES module: half the time to load.
    alias: { yaml: join(root, 'node_modules/yaml/browser/dist/index.js') },
    plugins: [requireBuiltins, leaveOut],
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
