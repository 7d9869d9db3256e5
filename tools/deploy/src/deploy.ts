// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { readDeploymentTrees, treeOf } from './deployment-tree.ts';
import { DeployError } from './deploy-error.ts';
import { findProgram } from './find-program.ts';
import { kubectlArguments, runKubectl } from './kubectl.ts';
import { findKustomize, kustomizeRemedy } from './kustomize.ts';
import { formatManifests, type Manifest } from './manifest.ts';
import type { DeployOptions } from './options.ts';
import { render } from './render.ts';

/** Where the objects and the notes about them go. */
export interface Output {
  readonly objects: (text: string) => void;
  readonly note: (line: string) => void;
}

/**
 * @param root - of the repository.
 * @throws DeployError when it cannot be done, with the reason.
 */
export async function deploy(
  root: string,
  options: DeployOptions,
  env: NodeJS.ProcessEnv,
  output: Output,
): Promise<void> {
  const tree = treeOf(await readDeploymentTrees(join(root, 'deployments')), options.plugin);
  const kustomize = findKustomize(env);
  if (kustomize === undefined)
    throw new DeployError(`there is neither kustomize nor kubectl in PATH: ${kustomizeRemedy}`);
  const { overlay, manifests } = await render(kustomize, tree, options);
  if (overlay !== options.overlay) output.note(`overlay ${String(overlay)}, which has these parameters`);
  const objects = options.action === 'deploy' ? manifests : manifests.filter(({ kind }) => kind !== 'Namespace');
  if (options.dryRun) {
    output.objects(formatManifests(objects));
    return;
  }
  const kubectl = findProgram('kubectl', env.PATH ?? '');
  if (kubectl === undefined)
    throw new DeployError('there is no kubectl in PATH: install it, or take --dry-run and apply the objects otherwise');
  await runKubectl(kubectl, kubectlArguments(options.action, options.kubectlArguments), formatManifests(objects));
  for (const line of afterwards(options.action, manifests)) output.note(line);
}

/** What there is to do next. */
function afterwards(action: DeployOptions['action'], manifests: readonly Manifest[]): string[] {
  const inNamespace = (namespace: string | undefined): string => (namespace === undefined ? '' : `-n ${namespace} `);
  return manifests.flatMap(({ kind, metadata: { name, namespace } }) => {
    if (action === 'undeploy')
      return kind === 'Namespace' ? [`the namespace stays: kubectl delete namespace ${name}`] : [];
    return kind === 'DaemonSet' ? [`next: kubectl ${inNamespace(namespace)}rollout status daemonset/${name}`] : [];
  });
}
