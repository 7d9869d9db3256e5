// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from 'node:util';
import { registryProblem, tagProblem } from './image-name.ts';

/** Programs that build images. */
export const builderNames = ['docker', 'podman', 'buildah'] as const;
export type BuilderName = (typeof builderNames)[number];

/** Architectures by their names in images, and in Node. */
export const architectures = { amd64: 'x64', arm64: 'arm64' } as const;
export type Architecture = keyof typeof architectures;

/** What the command line asks for. */
export interface ImageOptions {
  readonly help: boolean;
  /** Folders in packages/. */
  readonly plugins: readonly string[] | 'all';
  /** Init images instead of those of the plugins; with all plugins, both. */
  readonly init: boolean;
  /** Absent: the first that works. */
  readonly builder: BuilderName | undefined;
  readonly registry: string;
  /** Absent: the version of the workspace. */
  readonly tag: string | undefined;
  readonly architectures: readonly Architecture[];
  /** Absent: what the Dockerfile says. */
  readonly base: string | undefined;
  /** Make a base on this machine and take it. */
  readonly localBase: boolean;
  /** Folder for the images as files. */
  readonly archive: string | undefined;
}

/** Either options, or what is wrong with the command line. */
export type ParsedOptions = { readonly options: ImageOptions } | { readonly problem: string };

/** Never throws: a wrong command line is an answer like any other. `native` is the architecture of this machine. */
export function parseOptions(args: readonly string[], native: Architecture): ParsedOptions {
  try {
    const { values, positionals } = parseArgs({ args, options: optionConfig, strict: true, allowPositionals: true });
    const problem = problemOf(values, positionals);
    if (problem !== undefined) return { problem };
    return {
      options: {
        help: values.help,
        plugins: values.all ? 'all' : positionals,
        init: values.init,
        builder: values.builder as BuilderName | undefined,
        registry: values.registry,
        tag: values.tag,
        architectures: (values.platform ?? native).split(',').map((name) => architectureOf(name)),
        base: values.base,
        localBase: values['local-base'],
        archive: values.archive,
      },
    };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

const optionConfig = {
  help: { type: 'boolean', short: 'h', default: false },
  all: { type: 'boolean', default: false },
  init: { type: 'boolean', default: false },
  builder: { type: 'string' },
  registry: { type: 'string', default: 'kube-device-plugins' },
  tag: { type: 'string' },
  platform: { type: 'string' },
  base: { type: 'string' },
  'local-base': { type: 'boolean', default: false },
  archive: { type: 'string' },
} as const;

interface Values {
  readonly help: boolean;
  readonly all: boolean;
  readonly builder?: string | undefined;
  readonly registry: string;
  readonly tag?: string | undefined;
  readonly base?: string | undefined;
  readonly 'local-base': boolean;
}

function problemOf(values: Values, plugins: readonly string[]): string | undefined {
  if (values.help) return undefined;
  if (plugins.length === 0 && !values.all && !values['local-base'])
    return 'name a plugin (gpu-plugin), or say --all or --local-base';
  if (plugins.length > 0 && values.all) return '--all and the name of a plugin exclude each other';
  if (values.base !== undefined && values['local-base']) return '--base and --local-base exclude each other';
  if (values.builder !== undefined && !(builderNames as readonly string[]).includes(values.builder))
    return `--builder is ${builderNames.join(', ')}, not '${values.builder}'`;
  return (values.tag === undefined ? undefined : tagProblem(values.tag)) ?? registryProblem(values.registry);
}

/** @throws Error for one that no base has. */
function architectureOf(name: string): Architecture {
  const architecture = name.replace(/^linux\//, '');
  if (Object.hasOwn(architectures, architecture)) return architecture as Architecture;
  throw new Error(`--platform is linux/amd64, linux/arm64 or both with a comma, not '${name}'`);
}

/** The text of `--help`. */
export function usage(plugins: readonly string[]): string {
  return `Usage: npm run image -- PLUGIN... [OPTIONS]

Builds the image of a plugin from build/docker, prints what each layer weighs, and writes a
bill of materials (CycloneDX) to dist/PLUGIN/.

  npm run image -- gpu-plugin
  npm run image -- --all --registry registry.example.com/plugins --tag v1
  npm run image -- gpu-plugin --local-base       neither a registry nor a daemon is needed

Plugins: ${plugins.join(', ')}

Options:
  --all             every plugin, and every init image
  --init            the image of the plugin's init container instead
  --builder NAME    ${builderNames.join(', ')} (default: the first of these that works)
  --registry NAME   what stands before the name of the image (default kube-device-plugins)
  --tag TAG         (default: the version of the workspace)
  --platform LIST   linux/amd64, linux/arm64 or both with a comma (default: that of this machine).
                    With two, each image has its architecture behind the tag, and podman and
                    buildah make a manifest list of them. Nothing of the other architecture is
                    run: its image comes without a code cache
  --base IMAGE      Node.js at /nodejs/bin/node and what it is linked with, from a registry or
                    from this machine (default: the distroless one that build/docker names)
  --local-base      makes such a base of the npm package of Node.js and Debian's libraries, and
                    takes it; alone, makes the base and nothing else. Needs Debian or Ubuntu
  --archive DIR     also writes each image to DIR/NAME.tar, for kind load image-archive,
                    ctr -n k8s.io images import, podman load or docker load
  -h, --help        print this text

Exit status: 0 when all is built; 1 when something failed; 2 for a wrong command line;
128 + N when signal N interrupts it.
`;
}
