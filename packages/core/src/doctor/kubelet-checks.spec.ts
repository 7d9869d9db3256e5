// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { FakeKubelet, type KubeletProfile } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { staleSocket } from '../../test/stale-socket.ts';
import { SceneFixture, verdictOn } from '../../test/support/scene.ts';
import { judgeSocket, judgeVersion, kubeletSocketCheck, kubeletVersionCheck } from './kubelet-checks.ts';
import type { PathFacts } from './path-facts.ts';

async function kubeletOf(node: SceneFixture, profile: KubeletProfile): Promise<FakeKubelet> {
  const kubelet = new FakeKubelet({
    dir: node.fixture.path('plugins'),
    podResourcesDir: node.fixture.path('pod-resources'),
    profile,
  });
  await kubelet.start();
  return kubelet;
}

describe('kubelet-socket', () => {
  it('knows a kubelet that answers, and asks nothing that it would remember', async () => {
    await using node = await SceneFixture.create({});
    await using kubelet = await kubeletOf(node, '1.34');
    expect(await node.find(kubeletSocketCheck)).toMatchObject({ state: 'ok', found: '/plugins/kubelet.sock answers' });
    expect(kubelet.calls).toEqual([]);
  });

  it('knows a socket that nobody listens on', async () => {
    await using node = await SceneFixture.create({});
    await mkdir(node.fixture.path('plugins'));
    await staleSocket(node.fixture.path('plugins/kubelet.sock'));
    expect(await node.find(kubeletSocketCheck)).toMatchObject({
      state: 'problem',
      found: expect.stringContaining('left behind') as unknown,
    });
  });

  it('does not wait for one that accepts and says nothing', async () => {
    await using node = await SceneFixture.create({}, { callTimeoutMs: 50 });
    await mkdir(node.fixture.path('plugins'));
    await using server = createServer((connection) => connection.resume()).listen(
      node.fixture.path('plugins/kubelet.sock'),
    );
    await once(server, 'listening');
    const { state, found } = await node.find(kubeletSocketCheck);
    expect({ state, found }).toEqual({
      state: 'problem',
      found: '/plugins/kubelet.sock does not answer: no answer within 0.05 s',
    });
  });

  it('knows what is no socket, and what is not there', async () => {
    expect(await verdictOn(kubeletSocketCheck, { 'plugins/kubelet.sock': '' })).toMatch(/^problem: .* is no socket/);
    expect(await verdictOn(kubeletSocketCheck, { 'plugins/other': '' })).toMatch(/^problem: .*the kubelet is down/);
    expect(await verdictOn(kubeletSocketCheck, {})).toBe('not applicable: the directory is not there');
  });

  it.each([
    ['EACCES', 'refuses this process'],
    ['EPERM', 'refuses this process'],
    [undefined, 'it was not asked'],
  ])('explains %s', (outcome, found) => {
    const socket: PathFacts = { path: '/k', kind: 'socket', links: 1, uid: 0, mode: 0o755, refusal: undefined };
    expect(judgeSocket(socket, outcome)).toMatchObject({
      state: 'problem',
      found: expect.stringContaining(found) as unknown,
    });
    expect(judgeSocket({ ...socket, kind: 'unreadable', refusal: 'EACCES' }, outcome).found).toContain('EACCES');
  });
});

describe('kubelet-version', () => {
  it.each([
    ['1.26', 'warning', 'from 1.21 to 1.26'],
    ['1.28', 'ok', '1.27 or newer'],
    ['1.36', 'ok', '1.27 or newer'],
  ] as const)('tells %s by what podresources answer', async (profile, state, found) => {
    await using node = await SceneFixture.create({});
    await using _ = await kubeletOf(node, profile);
    const finding = await node.find(kubeletVersionCheck);
    expect(finding).toMatchObject({ state, found: expect.stringContaining(found) as unknown });
  });

  it.each([
    [12, 12, 12, 'problem: older than 1.20: it has no podresources v1'],
    [0, 12, 12, 'problem: 1.20: it has no GetAllocatableResources'],
    [0, 0, 'ETIMEDOUT', 'unknown: 1.20 or newer: its podresources list pods'],
    // RESOURCE_EXHAUSTED is what a kubelet answers that is asked too often.
    [8, 8, 8, 'ok: 1.27 or newer: its podresources have Get'],
  ])('takes %s, %s and %s for %j', (list, allocatable, get, verdict) => {
    const facts: PathFacts = { path: '/p', kind: 'socket', links: 1, uid: 0, mode: 0o660, refusal: undefined };
    const { state, found } = judgeVersion({ facts, list, allocatable, get });
    expect(`${state}: ${found}`).toBe(verdict);
  });

  it('does not know where podresources cannot be reached', async () => {
    expect(await verdictOn(kubeletVersionCheck, {})).toMatch(/^unknown: .*not mounted here$/);
    await using node = await SceneFixture.create({});
    await mkdir(node.fixture.path('pod-resources'));
    await staleSocket(node.fixture.path('pod-resources/kubelet.sock'));
    expect(await node.find(kubeletVersionCheck)).toMatchObject({
      state: 'unknown',
      found: expect.stringContaining('ECONNREFUSED') as unknown,
    });
  });
});
