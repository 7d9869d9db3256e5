// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { nearestName } from '@kube-device-plugins/core';
import { DeployError } from './deploy-error.ts';

/** One folder of deployments/. */
export interface DeploymentTree {
  readonly name: string;
  readonly directory: string;
  readonly overlays: readonly string[];
}

/** All that can be deployed: folders with a kustomization. */
export async function readDeploymentTrees(deployments: string): Promise<DeploymentTree[]> {
  return await Promise.all(
    (await kustomizationsIn(deployments)).map(async (name) => {
      const directory = join(deployments, name);
      return { name, directory, overlays: await kustomizationsIn(join(directory, 'overlays')) };
    }),
  );
}

/** @throws DeployError that names the nearest one. */
export function treeOf(trees: readonly DeploymentTree[], name: string): DeploymentTree {
  const tree = trees.find((each) => each.name === name);
  if (tree !== undefined) return tree;
  const names = trees.map((each) => each.name);
  throw new DeployError(`there is no deployments/${name}${didYouMean(name, names)}. There are: ${names.join(', ')}`, 2);
}

/**
 * Directory of an overlay, or of what is deployed without one.
 *
 * @throws DeployError that names the nearest one.
 */
export function kustomizationOf({ name, directory, overlays }: DeploymentTree, overlay: string | undefined): string {
  if (overlay === undefined) return directory;
  if (overlays.includes(overlay)) return join(directory, 'overlays', overlay);
  const known = overlays.length === 0 ? 'It has none' : `There are: ${overlays.join(', ')}`;
  throw new DeployError(`${name} has no overlay '${overlay}'${didYouMean(overlay, overlays)}. ${known}`, 2);
}

/** The end of a sentence about a name that nothing has: one that it begins, else one that is near, if any. */
export function didYouMean(name: string, names: readonly string[]): string {
  const longer = name === '' ? [] : names.filter((each) => each.startsWith(name));
  // One that differs in more letters than this stand-in, more than a third of them, is another name.
  const far = `${name}${' '.repeat(Math.ceil(name.length / 3))}`;
  const nearest = nearestName(name, longer) ?? nearestName(name, [...names, far]);
  return nearest === undefined || nearest === far ? '' : ` (did you mean '${nearest}'?)`;
}

async function kustomizationsIn(directory: string): Promise<string[]> {
  if (!existsSync(directory)) return [];
  const names = await readdir(directory);
  return names.filter((name) => existsSync(join(directory, name, 'kustomization.yaml'))).sort();
}
