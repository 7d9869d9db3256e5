// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a run of the tests is told by its environment. */
export interface Settings {
  /** Of the repository. */
  readonly root: string;
  /** Image of the plugin as its manifests name it, and as it is to be had. */
  readonly image: { readonly name: string; readonly newName: string; readonly newTag: string };
  /** Image with sh, find and mknod. */
  readonly toolsImage: string;
  /** Program that runs the image in place of the bundle: podman or docker. */
  readonly engine: string | undefined;
  /** Whether to go to the cluster of KUBECONFIG, too. */
  readonly hasCluster: boolean;
}

/** Variables that `npm run e2e` sets, and what holds without them. `npm test` sets none, and so never goes to a cluster. */
export const variables = {
  registry: 'E2E_REGISTRY',
  tag: 'E2E_TAG',
  toolsImage: 'E2E_TOOLS_IMAGE',
  engine: 'E2E_ENGINE',
  cluster: 'E2E_CLUSTER',
} as const;

export const defaultRegistry = 'kube-device-plugins';
export const defaultToolsImage = 'busybox:1.37';

/** @throws Error when the plugin has no package.json, or that names no image. */
export async function readSettings(
  root: string,
  plugin: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Settings> {
  const file = join(root, 'packages', plugin, 'package.json');
  const { version, image } = JSON.parse(await readFile(file, 'utf8')) as Manifest;
  if (image === undefined) throw new Error(`${file} names no image: add "image": { "name": …, "entrypoint": … }`);
  return {
    root,
    image: {
      name: `${defaultRegistry}/${image.name}`,
      newName: `${env[variables.registry] ?? defaultRegistry}/${image.name}`,
      newTag: env[variables.tag] ?? version,
    },
    toolsImage: env[variables.toolsImage] ?? defaultToolsImage,
    engine: env[variables.engine],
    hasCluster: env[variables.cluster] === '1',
  };
}

interface Manifest {
  readonly version: string;
  readonly image?: { readonly name: string };
}
