// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { findKustomize, kustomizeRemedy, renderKustomization } from '@kube-device-plugins/deploy/kustomize';
import { failed, notChecked, passed, type Finding, type Workplace } from './finding.ts';

/** Renders the kustomization of the plugin, and each of its overlays. */
export async function checkManifests({ root, plugin }: Workplace): Promise<Finding> {
  const directory = join(root, 'deployments', plugin);
  if (!existsSync(join(directory, 'kustomization.yaml')))
    return failed(`there is no deployments/${plugin}/kustomization.yaml`);
  const kustomize = findKustomize(process.env);
  if (kustomize === undefined) return notChecked(`no kustomize: ${kustomizeRemedy}`);
  const overlays = existsSync(join(directory, 'overlays')) ? readdirSync(join(directory, 'overlays')) : [];
  const kustomizations = ['.', ...overlays.map((name) => join('overlays', name))];
  for (const kustomization of kustomizations) {
    try {
      await renderKustomization(kustomize, join(directory, kustomization));
    } catch (error) {
      return failed(String(error));
    }
  }
  return passed(`${kustomizations.length} by ${kustomize.join(' ')}`);
}
