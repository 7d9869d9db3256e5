// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkCoverage } from './coverage.ts';
import { failed, passed, type Finding, type Item, type Workplace } from './finding.ts';
import { checkImage } from './image.ts';
import { checkManifests } from './manifests.ts';
import { checkNodeFeatureRule } from './node-feature-rule.ts';
import { lastWords, runNx } from './run-program.ts';
import { runTests } from './run-tests.ts';

/**
 * The checklist for new plugins. Source: intel-device-plugins-for-kubernetes, DEVEL.md, "Checklist for new device plugins", whose
 * numbers these are; what its CRDs and controllers ask for waits for an operator.
 */
export const items: readonly Item[] = [
  { number: 1, name: 'build', demand: 'the program is built', check: checkBuild },
  { number: 1, name: 'image', demand: 'the image is built', check: checkImage },
  { number: 1, name: 'manifests', demand: 'the kustomizations render', check: checkManifests },
  { number: 2, name: 'tests', demand: 'unit tests pass and cover more than 80 %', check: checkCoverage },
  { number: 3, name: 'lint', demand: 'linters and compiler find nothing', check: checkLint },
  { number: 4, name: 'e2e', demand: 'there is an end-to-end test, and it passes', check: checkE2e },
  { number: 5, name: 'crd', demand: 'API type and CRD', check: waitsForOperator },
  { number: 6, name: 'crd-tests', demand: 'tests of the validation of the CRD', check: waitsForOperator },
  { number: 7, name: 'controller', demand: 'controller of the operator', check: waitsForOperator },
  { number: 8, name: 'readme', demand: 'README, folders and rights are as those of all plugins', check: checkReadme },
  { number: 9, name: 'node-feature-rule', demand: 'a NodeFeatureRule finds the nodes', check: checkNodeFeatureRule },
];

async function checkBuild({ root, plugin }: Workplace): Promise<Finding> {
  const { isGood, output } = await runNx(root, ['run', `${plugin}:build`]);
  const main = `dist/${plugin}/main.mjs`;
  if (!isGood) return failed(lastWords(output));
  return existsSync(join(root, main)) ? passed(main) : failed(`there is no ${main} after it`);
}

async function checkLint({ root, plugin }: Workplace): Promise<Finding> {
  const { isGood, output } = await runNx(root, ['run-many', '--targets=lint,typecheck', `--projects=${plugin}`]);
  return isGood ? passed('eslint and tsc') : failed(lastWords(output));
}

async function checkE2e(workplace: Workplace): Promise<Finding> {
  const file = `test/e2e/${workplace.plugin}.e2e.ts`;
  if (!existsSync(join(workplace.root, file))) return failed(`there is no ${file}`);
  const report = await runTests(workplace, ['--project', 'repository', file]);
  if (report.failures.length > 0) return failed(report.failures.join('; '));
  return passed(`${report.passed} tests with the fake kubelet; not on hardware`);
}

function waitsForOperator(): Finding {
  return { outcome: 'open', detail: 'until there is an operator' };
}

async function checkReadme(workplace: Workplace): Promise<Finding> {
  const files = ['test/layout.spec.ts', 'test/plugin-flags.spec.ts'];
  // As a part of the name of a test: gpu-plugin is not other-gpu-plugin.
  const name = `(^| )${workplace.plugin}( |$)`;
  const report = await runTests(workplace, ['--project', 'repository', ...files, '-t', name]);
  return report.failures.length > 0 ? failed(report.failures.join('; ')) : passed(`${report.passed} rules`);
}
