// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { DeployError } from './deploy-error.ts';
import { kustomizationOf, type DeploymentTree } from './deployment-tree.ts';
import { kustomizationOver, type Kustomization } from './kustomization.ts';
import { renderKustomization, type Kustomize } from './kustomize.ts';
import { parseManifests, type Manifest } from './manifest.ts';
import type { DeployOptions } from './options.ts';
import { checkSettings, parametersOf } from './parameters.ts';

/** The objects to deploy, and the overlay they are of. */
export interface Rendered {
  readonly overlay: string | undefined;
  readonly manifests: readonly Manifest[];
}

/** @throws DeployError when a parameter is unknown or has a wrong value, and when kustomize fails. */
export async function render(kustomize: Kustomize, tree: DeploymentTree, options: DeployOptions): Promise<Rendered> {
  const candidates = options.overlay === undefined ? [undefined, ...tree.overlays] : [options.overlay];
  const names = Object.keys(options.parameters);
  const known: string[] = [];
  for (const overlay of candidates) {
    const directory = kustomizationOf(tree, overlay);
    const below = parseManifests(await renderKustomization(kustomize, directory));
    const here = parametersOf(below).map(({ name }) => name);
    known.push(...here);
    if (!names.every((name) => here.includes(name))) continue;
    checkSettings(options.parameters, here);
    return { overlay, manifests: await renderOver(kustomize, directory, below, options) };
  }
  if (options.overlay !== undefined) await nameOverlayWith(kustomize, tree, options.overlay, minus(names, known));
  checkSettings(options.parameters, known);
  throw new DeployError(`no overlay of ${tree.name} has all of ${names.join(', ')}: set them one by one`, 2);
}

/** @throws DeployError with the overlay that has the parameters which the chosen one lacks, if there is one. */
async function nameOverlayWith(
  kustomize: Kustomize,
  tree: DeploymentTree,
  chosen: string,
  missing: readonly string[],
): Promise<void> {
  for (const overlay of minus(tree.overlays, [chosen])) {
    const manifests = parseManifests(await renderKustomization(kustomize, kustomizationOf(tree, overlay)));
    const here = parametersOf(manifests).map(({ name }) => name);
    if (minus(missing, here).length > 0) continue;
    const what = missing.join(', ');
    throw new DeployError(`there is no parameter ${what} in overlay '${chosen}': take --overlay ${overlay}`, 2);
  }
}

function minus(names: readonly string[], others: readonly string[]): string[] {
  return names.filter((name) => !others.includes(name));
}

async function renderOver(
  kustomize: Kustomize,
  directory: string,
  below: readonly Manifest[],
  options: DeployOptions,
): Promise<Manifest[]> {
  // Of the real path: a path with ".." does not come out of a symlink where it went in.
  const top = await realpath(await mkdtemp(join(tmpdir(), 'kdp-')));
  try {
    const kustomization: Kustomization = kustomizationOver(relative(top, await realpath(directory)), below, options);
    await writeFile(join(top, 'kustomization.yaml'), JSON.stringify(kustomization));
    return parseManifests(await renderKustomization(kustomize, top));
  } finally {
    await rm(top, { recursive: true });
  }
}
