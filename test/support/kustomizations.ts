// SPDX-License-Identifier: Apache-2.0
import { globSync } from 'node:fs';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { findKustomize, kustomizeRemedy, renderKustomization } from '@kube-device-plugins/deploy/kustomize';
import { parseManifests, type Manifest } from '@kube-device-plugins/deploy/manifest';

const root = join(import.meta.dirname, '../..');
const kustomize = findKustomize(process.env);
const rendered = new Map<string, Promise<Manifest[]>>();

/** Whether there is a kustomize; where there is none, whoever asks has to skip. */
export const hasKustomize = kustomize !== undefined;

/** Says so loudly where there is none. */
export function warnWithoutKustomize(what: string): void {
  if (!hasKustomize)
    console.warn(`SKIPPED: ${what}: there is neither kustomize nor kubectl in PATH: ${kustomizeRemedy}`);
}

/** Directories that kustomize can build, as paths of the repository. Components are parts of others. */
export const kustomizations: readonly string[] = globSync('deployments/**/kustomization.yaml', { cwd: root })
  .map((file) => dirname(file))
  .filter((directory) => !directory.split('/').includes('components'))
  .sort();

/** The objects of a kustomization that stands beside this repository, whose folder is `kube-device-plugins`. */
export async function manifestsBeside(text: string): Promise<readonly Manifest[]> {
  if (kustomize === undefined) throw new Error(kustomizeRemedy);
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'kdp-')));
  try {
    const place = relative(directory, await realpath(root));
    const kustomization = text.replaceAll('../kube-device-plugins/', `${place}/`);
    await writeFile(join(directory, 'kustomization.yaml'), kustomization);
    return parseManifests(await renderKustomization(kustomize, directory));
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** The objects of one of them. Rendered once. */
export async function manifestsOf(kustomization: string): Promise<readonly Manifest[]> {
  if (kustomize === undefined) throw new Error(kustomizeRemedy);
  const known = rendered.get(kustomization);
  if (known !== undefined) return await known;
  const made = renderKustomization(kustomize, join(root, kustomization)).then(parseManifests);
  rendered.set(kustomization, made);
  return await made;
}
