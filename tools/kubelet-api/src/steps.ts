// SPDX-License-Identifier: Apache-2.0

/** One task of the workspace. */
export interface Step {
  /** What it is for, in a line above its output. */
  readonly title: string;
  readonly task: string;
  readonly args: readonly string[];
}

/** Whatever makes or reads messages. */
const concerned = ['tag:type:core', 'tag:type:testkit', 'tag:type:plugin'] as const;

const contractTests = [
  'test/generated-code.spec.ts',
  'packages/core/src/serve',
  'packages/core/src/manage',
  'packages/core/test/allocation.spec.ts',
  'packages/core/test/capabilities.spec.ts',
  'packages/core/test/manager.spec.ts',
  'packages/core/test/registration.spec.ts',
  'packages/testkit/test/list-and-watch.spec.ts',
  'packages/testkit/test/wire.spec.ts',
  'packages/simple-plugin/test/conformance.spec.ts',
] as const;

/** Where the manifests are checked against the schemas that the lock file names. */
export const manifestTests = 'test/manifests.spec.ts';

/** Where those schemas come from: the OpenAPI document of Kubernetes. */
export const schemaPackage = 'kubernetes-models';

/** What has to pass before a contract is taken, in this order: what is quick comes first. */
export function steps(hasManifestTests: boolean): Step[] {
  return [
    { title: 'Generating TypeScript', task: 'generate', args: [] },
    { title: 'Checking types', task: 'typecheck', args: [`--projects=${concerned.join()}`, '--nxBail'] },
    { title: 'Running the contract tests', task: 'test', args: contractTests },
    ...(hasManifestTests
      ? [{ title: 'Checking the manifests against the schemas', task: 'test', args: [manifestTests] }]
      : []),
  ];
}
