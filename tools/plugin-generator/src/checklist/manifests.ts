// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { failed, notChecked, passed, type Finding, type Workplace } from './finding.ts';
import { firstOnPath, lastWords, runProgram } from './run-program.ts';

/** Renders the kustomization of the plugin, and each of its overlays. */
export async function checkManifests({ root, plugin }: Workplace): Promise<Finding> {
  const directory = join(root, 'deployments', plugin);
  if (!existsSync(join(directory, 'kustomization.yaml')))
    return failed(`there is no deployments/${plugin}/kustomization.yaml`);
  const render = renderer();
  if (render === undefined) return notChecked('no kustomize: install kustomize or kubectl');
  const overlays = existsSync(join(directory, 'overlays')) ? readdirSync(join(directory, 'overlays')) : [];
  const kustomizations = ['.', ...overlays.map((name) => join('overlays', name))];
  for (const kustomization of kustomizations) {
    const [file, ...args] = render;
    const { isGood, output } = await runProgram(directory, file, [...args, kustomization]);
    if (!isGood) return failed(`${kustomization}: ${lastWords(output)}`);
  }
  return passed(`${kustomizations.length} by ${render.join(' ')}`);
}

function renderer(): [string, ...string[]] | undefined {
  const given = process.env['KUSTOMIZE'];
  if (given !== undefined && given !== '') return [given, 'build'];
  const found = firstOnPath(['kustomize', 'kubectl']);
  if (found === undefined) return undefined;
  return found === 'kubectl' ? ['kubectl', 'kustomize'] : ['kustomize', 'build'];
}
