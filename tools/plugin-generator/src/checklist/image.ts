// SPDX-License-Identifier: Apache-2.0
import { failed, notChecked, passed, type Finding, type Workplace } from './finding.ts';
import { firstOnPath, lastWords, runProgram } from './run-program.ts';

/** Builds the image by `npm run image`, on a base of its own, where there is a program for it. */
export async function checkImage({ root, plugin }: Workplace): Promise<Finding> {
  const builder = firstOnPath(['buildah', 'podman', 'docker']);
  if (builder === undefined) return notChecked('no builder: install buildah, podman or docker');
  const args = ['tools/image/src/main.ts', plugin, '--local-base', '--builder', builder];
  const { isGood, output } = await runProgram(root, process.execPath, args);
  return isGood ? passed(`by ${builder}`) : failed(lastWords(output));
}
