// SPDX-License-Identifier: Apache-2.0
import type { PodOutput } from './cluster.ts';

/** A pod that prints the device nodes in these directories and its environment, and ends. */
export interface PodWish {
  readonly name: string;
  readonly limits: Readonly<Record<string, number>>;
  /** With sh, find and env: busybox. */
  readonly image: string;
  readonly directories: readonly string[];
}

/** The object to apply. */
export function podManifest({ name, limits, image, directories }: PodWish): object {
  const script = `find ${directories.join(' ')} \\( -type c -o -type b \\) 2>/dev/null; echo ${separator}; env`;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      // As the plugins: a node may be reserved for those who ask for its devices.
      tolerations: [{ operator: 'Exists' }],
      containers: [{ name: 'main', image, command: ['sh', '-c', script], resources: { limits } }],
    },
  };
}

const separator = '--- environment';

/**
 * What such a pod printed.
 *
 * @param root - of the hardware, which is left out of paths.
 */
export function parsePodOutput(text: string, root: string): PodOutput {
  const [paths = '', environment = ''] = text.split(`${separator}\n`);
  const devices = paths
    .split('\n')
    .filter((path) => path !== '' && !isOfEveryContainer(path))
    .map((path) => withoutRoot(path, root));
  const variables = environment.split('\n').flatMap((line) => {
    const [, name, value] = /^([^=]+)=(.*)$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, value ?? ''] as const];
  });
  return { devices: devices.sort(), env: Object.fromEntries(variables) };
}

/** A path as the host names it. */
export function withoutRoot(path: string, root: string): string {
  return path.startsWith(`${root}/`) ? path.slice(root.length) : path;
}

/** Source: OCI runtime specification, config-linux.md, "Default Devices"; /dev/pts is a file system of terminals. */
function isOfEveryContainer(path: string): boolean {
  return /^\/dev\/(null|zero|full|random|urandom|tty|console|ptmx|pts\/.*)$/.test(path);
}
