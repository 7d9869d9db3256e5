// SPDX-License-Identifier: Apache-2.0
import { Host } from '@kube-device-plugins/core';
import { examine, type Check } from '@kube-device-plugins/core/doctor';
import { hostFixture, type FixtureTree } from './host-fixture.ts';

/** What the checks of a plugin say of a node with these files: by their ids the state and what was found, `problem: it is not loaded`. */
export async function verdictsOn(
  checks: readonly Check[],
  tree: FixtureTree,
): Promise<Readonly<Record<string, string>>> {
  await using fixture = await hostFixture(tree);
  const host = new Host(fixture.root);
  const places = { devicePluginPath: '/plugins', cdiDir: '/cdi', podResourcesSocket: '/pod-resources' };
  const scene = { plugin: undefined, host, files: host, process: undefined, callTimeoutMs: patienceMs, ...places };
  const findings = await examine(checks, scene, patienceMs, new AbortController().signal);
  return Object.fromEntries(findings.map(({ id, state, found }) => [id, `${state}: ${found}`]));
}

const patienceMs = 10_000;
