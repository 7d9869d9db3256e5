// SPDX-License-Identifier: Apache-2.0
import { failed, notChecked, passed, type Finding, type Workplace } from './finding.ts';
import { lastWords, runNx, runProgram } from './run-program.ts';

/** In the order in which `npm run image` takes them. */
const builders = ['docker', 'podman', 'buildah'];

/** Builds the image by `npm run image`, on a base that is made here, where there is a program that can. */
export async function checkImage({ root, plugin }: Workplace): Promise<Finding> {
  const builder = await findBuilder(root);
  if (builder === undefined) return notChecked(`no builder: none of ${builders.join(', ')} works here`);
  const { isGood, output } = await runNx(root, ['run', `${plugin}:image`, '--local-base', `--builder=${builder}`]);
  return isGood ? passed(`by ${builder}`) : failed(lastWords(output));
}

/** One that answers: docker may be there without its daemon. */
async function findBuilder(root: string): Promise<string | undefined> {
  for (const builder of builders) {
    if ((await runProgram(root, builder, ['info'])).isGood) return builder;
  }
  return undefined;
}
