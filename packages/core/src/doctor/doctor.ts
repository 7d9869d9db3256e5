// SPDX-License-Identifier: Apache-2.0
/** What can be wrong with a node, and how to mend it: for `kdp doctor`, and for plugins that have checks of their own. */
export {
  defineCheck,
  notApplicable,
  ok,
  problem,
  unknown,
  warning,
  type Check,
  type CheckState,
  type Verdict,
} from './check.ts';
export { coreChecks } from './core-checks.ts';
export { examine, type Finding } from './examine.ts';
export { defaultPodResourcesSocket, type Scene } from './scene.ts';
