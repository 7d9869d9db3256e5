// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from './cluster.ts';
import { FakeCluster } from './fake-cluster.ts';
import { KubeCluster } from './kube-cluster.ts';
import type { PluginUnderTest } from './plugin-under-test.ts';
import { readSettings } from './settings.ts';

export type { HardwareProgram, PluginUnderTest } from './plugin-under-test.ts';

/**
 * Takes a plugin through its life: deployed, asked for by a pod, restarted, removed. With the fake kubelet always, and on the cluster of
 * KUBECONFIG when `npm run e2e` says so. The names of the tests and a line on standard output say which of the two it is.
 */
export async function e2e(subject: PluginUnderTest): Promise<void> {
  const settings = await readSettings(join(import.meta.dirname, '../../..'), subject.plugin, process.env);
  for (const Place of settings.hasCluster ? [FakeCluster, KubeCluster] : [FakeCluster]) {
    scenario(subject, new Place(subject, settings));
  }
}

function scenario({ plugin, resources, pod }: PluginUnderTest, cluster: Cluster): void {
  const none = Object.fromEntries(Object.keys(resources).map((resource) => [resource, 0]));
  const become = async (expected: Readonly<Record<string, number>>): Promise<void> => {
    const poll = { timeout: cluster.patienceMs, interval: 100 };
    for (const [resource, count] of Object.entries(expected)) {
      await expect.poll(() => cluster.allocatable(resource), { message: resource, ...poll }).toBe(count);
    }
  };
  const usePod = async (name: string): Promise<void> => {
    const { devices, env } = await cluster.runPod(name, pod.limits);
    expect(devices, 'device nodes of the pod').toEqual(
      pod.devices.map((path) => expect.stringMatching(path) as string),
    );
    for (const [variable, value] of Object.entries(pod.env ?? {})) expect(env[variable], variable).toMatch(value);
  };

  describe(`${plugin} on ${cluster.description}`, { timeout: 10 * cluster.patienceMs }, () => {
    beforeAll(() => {
      console.log(`e2e: ${plugin} on ${cluster.description}`);
    });
    afterAll(() => cluster.close(), 10 * cluster.patienceMs);

    it('is deployed, and the node has its devices', async () => {
      await cluster.deploy();
      await become(resources);
    });

    it('gives a pod what it asks for', () => usePod('first'));

    it('is back after a restart', async () => {
      await cluster.restartPlugin();
      await become(resources);
      await usePod('second');
    });

    it('is removed, and the node has no devices any more', async () => {
      await cluster.remove();
      await become(none);
    });
  });
}
