// SPDX-License-Identifier: Apache-2.0
import { hostFixture, type FixtureTree, type HostFixture } from '@kube-device-plugins/testkit';
import type { Check } from '../../src/doctor/check.ts';
import { examine, type Finding } from '../../src/doctor/examine.ts';
import type { Scene } from '../../src/doctor/scene.ts';
import { Host } from '../../src/scan/host.ts';

/** A node as a tree of files, with process 1 for the plugin. */
export class SceneFixture implements AsyncDisposable {
  readonly fixture: HostFixture;
  readonly scene: Scene;

  private constructor(fixture: HostFixture, change: Partial<Scene>) {
    this.fixture = fixture;
    const host = new Host(fixture.root);
    this.scene = {
      plugin: undefined,
      host,
      files: host,
      process: '/proc/1',
      devicePluginPath: '/plugins',
      cdiDir: '/cdi',
      podResourcesSocket: '/pod-resources/kubelet.sock',
      callTimeoutMs: 2_000,
      ...change,
    };
  }

  static async create(tree: FixtureTree, change: Partial<Scene> = {}): Promise<SceneFixture> {
    return new SceneFixture(await hostFixture(tree), change);
  }

  /** What one check finds. */
  async find(check: Check): Promise<Finding> {
    const [finding] = await examine([check], this.scene, 10_000, new AbortController().signal);
    if (finding === undefined) throw new Error('no finding');
    return finding;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.fixture.dispose();
  }
}

/** State and text of what a check finds on a node of these files. */
export async function verdictOn(check: Check, tree: FixtureTree, change: Partial<Scene> = {}): Promise<string> {
  await using node = await SceneFixture.create(tree, change);
  const { state, found } = await node.find(check);
  return `${state}: ${found.replaceAll(node.fixture.root, '')}`;
}
