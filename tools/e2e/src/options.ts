// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from 'node:util';
import { defaultRegistry, defaultToolsImage, variables } from './settings.ts';

/** What the command line asks for. */
export interface E2eOptions {
  readonly help: boolean;
  /** Which plugins; those of all files that there are when none is named. */
  readonly plugins: readonly string[];
  /** For the tests. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * @param known - plugins that have a file in test/e2e.
 * @param env - of this process.
 * @throws RangeError or TypeError that says what is wrong with the command line, and what would be right.
 */
export function parseOptions(
  args: readonly string[],
  known: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): E2eOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: optionConfig,
    strict: true,
    allowPositionals: true,
  });
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new RangeError(`there is no test/e2e/${unknown}.e2e.ts; there are plugins ${known.join(', ')}`);
  }
  const chosen = {
    [variables.registry]: values.registry,
    [variables.tag]: values.tag,
    [variables.toolsImage]: values['tools-image'],
    [variables.engine]: values.engine,
    [variables.cluster]: hasCluster(env) && !values['no-cluster'] ? '1' : undefined,
  };
  const given = Object.entries(chosen).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return { help: values.help, plugins: positionals.length > 0 ? positionals : known, env: Object.fromEntries(given) };
}

function hasCluster({ KUBECONFIG }: Readonly<Record<string, string | undefined>>): boolean {
  return KUBECONFIG !== undefined && KUBECONFIG !== '';
}

const optionConfig = {
  help: { type: 'boolean', short: 'h', default: false },
  engine: { type: 'string' },
  registry: { type: 'string' },
  tag: { type: 'string' },
  'tools-image': { type: 'string' },
  'no-cluster': { type: 'boolean', default: false },
} as const;

/** What `--help` prints. */
export function usage(known: readonly string[]): string {
  return `npm run e2e -- [options] [plugin ...]

Takes plugins through their life with hardware that is not there: deployed, asked for by a pod, restarted, removed.
Always with the fake kubelet, and on the cluster of KUBECONFIG when that is set: docs/guides/test-on-a-cluster.md.

Plugins: ${known.join(', ')}; each of them when none is named.

  --engine PROGRAM     with the fake kubelet, run the image with podman or docker, not the bundle
  --registry R         where the images are                    (${defaultRegistry})
  --tag T              tag of the images                       (the version of the plugin)
  --tools-image I      image with sh, find and mknod, for pods (${defaultToolsImage})
  --no-cluster         not on the cluster, even with KUBECONFIG
  -h, --help           this text

Examples:
  npm run e2e -- gpu-plugin
  npm run e2e -- --engine podman --registry localhost/kube-device-plugins simple-plugin
  KUBECONFIG=~/.kube/config npm run e2e -- --registry registry.example.com/plugins --tag 0.1.0

Exit codes: 0 all passed, 1 something failed, 2 the command line is wrong.
`;
}
