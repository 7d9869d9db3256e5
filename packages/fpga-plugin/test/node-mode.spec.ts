// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Host, pause } from '@kube-device-plugins/core';
import { hostFixture, RecordingNotifier } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NodeAddress } from '../src/options.ts';
import type { FpgaMode } from '../src/options/fpga-mode.ts';
import { FpgaPlugin } from '../src/plugin.ts';
import { followNodeMode } from '../src/plugin/node-mode.ts';
import { watchNode } from '../src/plugin/watch-node.ts';
import { ApiServer, nodeEvent } from './api-server.ts';
import { ce48, d842, fpgaHost } from './fixtures/fpga-host.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (!hasOpenssl)
  console.warn('SKIPPED: the mode by node annotation is not tried: there is no openssl in PATH: install it');

describe.runIf(hasOpenssl)('with an API server', () => {
  let directory: string;
  let api: ApiServer;
  let stop: AbortController;
  let running: Promise<void>;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kdp-'));
    api = await ApiServer.start(directory);
    stop = new AbortController();
    running = Promise.resolve();
  });

  afterEach(async () => {
    stop.abort();
    await running;
    await api[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });

  /** What a follower hears. */
  function follow(node: NodeAddress = api.address()): (FpgaMode | 'none' | 'unreachable')[] {
    const heard: (FpgaMode | 'none' | 'unreachable')[] = [];
    const follower = {
      take: (mode: FpgaMode | undefined) => heard.push(mode ?? 'none'),
      isUnreachable: () => heard.push('unreachable'),
    };
    running = followNodeMode(node, follower, stop.signal);
    return heard;
  }

  it('asks for the metadata of one node with the service account', async () => {
    api.greeting = nodeEvent('ADDED', 'region');
    const heard = follow();
    await expect.poll(() => heard).toEqual(['region']);
    expect(api.requests).toEqual([
      {
        url: expect.stringMatching(
          /^\/api\/v1\/nodes\?watch=true&timeoutSeconds=[3-6]\d\d&fieldSelector=metadata.name%3Dn1$/,
        ) as string,
        token: 'Bearer token-1',
        accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
      },
    ]);
  });

  it('hears of each change, in whatever pieces it comes', async () => {
    api.greeting = nodeEvent('ADDED');
    const heard = follow();
    await expect.poll(() => heard).toEqual(['none']);
    const event = nodeEvent('MODIFIED', 'regiondevel');
    api.send(event.slice(0, 40));
    api.send(`${event.slice(40)}\n${nodeEvent('BOOKMARK')}`);
    await expect.poll(() => heard).toEqual(['none', 'regiondevel']);
    api.send(nodeEvent('MODIFIED', 'af') + nodeEvent('DELETED', 'af'));
    await expect.poll(() => heard).toEqual(['none', 'regiondevel', 'none']);
  });

  it('takes of many changes the one that stays, and none that is taken back', async () => {
    api.greeting = nodeEvent('ADDED', 'af');
    const heard = follow();
    await expect.poll(() => heard).toEqual(['af']);
    const modes = Array.from({ length: 200 }, (_, index) => ['af', 'region', 'regiondevel'][index % 3]);
    api.send(modes.map((mode) => nodeEvent('MODIFIED', mode)).join(''));
    await expect.poll(() => heard).toEqual(['af', 'region']);
    api.send(nodeEvent('MODIFIED', 'af') + nodeEvent('MODIFIED', 'region') + nodeEvent('MODIFIED', 'regiondevel'));
    api.send(nodeEvent('MODIFIED', 'region'));
    await pause(1_000, stop.signal);
    expect(heard).toEqual(['af', 'region']);
  });

  it('takes no change any more once it is told to stop', async () => {
    api.greeting = nodeEvent('ADDED', 'af') + nodeEvent('MODIFIED', 'region');
    const heard = follow();
    await expect.poll(() => heard).toEqual(['af']);
    stop.abort();
    await running;
    await pause(1_000, new AbortController().signal);
    expect(heard).toEqual(['af']);
  });

  it.each(['afX', 7])('takes the unknown mode %j for none', async (mode) => {
    api.greeting = nodeEvent('ADDED', mode);
    const heard = follow();
    await expect.poll(() => heard).toEqual(['none']);
  });

  it('says that there is no such node, once, and takes what one of this name says that comes later', async () => {
    const heard = follow();
    await expect.poll(() => heard).toEqual(['unreachable']);
    api.send(nodeEvent('ADDED', 'region'));
    await expect.poll(() => heard).toEqual(['unreachable', 'region']);
  });

  it.each(['end', 'destroy'] as const)(
    'watches again after a watch has ended (%s), with the token as it is then',
    async (how) => {
      api.greeting = nodeEvent('ADDED', 'region');
      const heard = follow();
      await expect.poll(() => heard).toEqual(['region']);
      await api.renewToken('token-2');
      api.endWatches(how);
      await expect.poll(() => api.requests.at(-1)?.token).toBe('Bearer token-2');
      api.send(nodeEvent('MODIFIED', 'af'));
      await expect.poll(() => heard.filter((mode) => mode !== 'unreachable')).toEqual(['region', 'af']);
    },
  );

  it.each([
    [401, /status 401: it does not take the token of the service account of this pod/],
    [403, /status 403: allow the service account of this pod to watch nodes/],
    [500, /status 500$/],
  ])('says what to do about status %i', async (status, message) => {
    api.status = status;
    const watch = watchNode({ ...api.address(), host: '127.0.0.1' }, stop.signal);
    await expect(watch.next()).rejects.toMatchObject({
      code: 'RPC_FAILED',
      cause: { message: expect.stringMatching(message) as string },
    });
  });

  it('believes no other server', async () => {
    api.distrust();
    const watch = watchNode({ ...api.address(), host: '127.0.0.1' }, stop.signal);
    await expect(watch.next()).rejects.toMatchObject({
      code: 'RPC_FAILED',
      cause: { message: expect.stringContaining('self-signed') as string },
    });
    expect(api.requests).toEqual([]);
  });

  it('says what the API server says', async () => {
    api.greeting = '{"type":"ERROR","object":{"message":"too old resource version: 1"}}\n';
    const watch = watchNode({ ...api.address(), host: '127.0.0.1' }, stop.signal);
    await expect(watch.next()).rejects.toThrow('the API server ends the watch: too old resource version: 1');
  });

  it('waits 10 s for an answer', async () => {
    api.isSilent = true;
    const watch = watchNode({ ...api.address(), host: '127.0.0.1' }, stop.signal);
    await expect(watch.next()).rejects.toMatchObject({ cause: { message: 'no answer within 10 s' } });
  });

  it('takes no event without an end', async () => {
    api.greeting = 'x'.repeat(3 * 1024 * 1024);
    const watch = watchNode({ ...api.address(), host: '127.0.0.1' }, stop.signal);
    await expect(watch.next()).rejects.toMatchObject({
      cause: { message: 'an event has more than 2097152 characters' },
    });
    await expect.poll(() => api.watches).toBe(0);
  });

  it('says that it cannot be reached, and goes on when it can', async () => {
    api.status = 503;
    const heard = follow();
    await expect.poll(() => heard).toContain('unreachable');
    api.status = 200;
    api.greeting = nodeEvent('ADDED', 'region');
    await expect.poll(() => heard).toContain('region');
  });

  it('ends with its connection when it is told to', async () => {
    follow();
    await expect.poll(() => api.watches).toBe(1);
    stop.abort();
    await running;
    await expect.poll(() => api.watches).toBe(0);
  });

  describe('the plugin', () => {
    it('publishes what the node says, from the first list on, and anew with each change', async () => {
      await using fixture = await hostFixture(
        fpgaHost({ driver: 'dfl', number: 0, bdf: '0000:3b:00.0', fmes: { 0: ce48 }, ports: { 0: d842 } }),
      );
      api.greeting = nodeEvent('ADDED', 'region');
      const plugin = new FpgaPlugin(new Host(fixture.root), {
        mode: 'af',
        node: api.address(),
        scanPeriodMs: 3_600_000,
      });
      const notifier = new RecordingNotifier();
      running = plugin.scan(notifier, stop.signal);
      const resources = (): string[][] => notifier.trees.map((tree) => [...tree.resources.keys()]);
      await expect.poll(resources).toContainEqual([`region-${ce48}`]);
      api.send(nodeEvent('MODIFIED', 'regiondevel'));
      await expect.poll(() => notifier.last?.resources.get(`region-${ce48}`)?.get('dfl-fme.0')?.nodes).toHaveLength(2);
      api.send(nodeEvent('MODIFIED'));
      await expect.poll(() => resources().at(-1)).toEqual(['af-ce4.d84.zkiWk5jwXzOUbVYHCL4QithCTcSko8QT-J5DNoP5BAs']);
      expect(resources()[0]).toEqual([`region-${ce48}`]);
      stop.abort();
      await running;
    });

    it('goes by its flag at once where the node cannot be asked', async () => {
      await using fixture = await hostFixture(
        fpgaHost({ driver: 'dfl', number: 0, bdf: '0000:3b:00.0', fmes: { 0: ce48 }, ports: { 0: d842 } }),
      );
      api.status = 401;
      const plugin = new FpgaPlugin(new Host(fixture.root), {
        ...{ mode: 'region', node: api.address(), scanPeriodMs: 3_600_000 },
      });
      const notifier = new RecordingNotifier();
      const first = notifier.next();
      running = plugin.scan(notifier, stop.signal);
      expect([...(await first).resources.keys()]).toEqual([`region-${ce48}`]);
      stop.abort();
      await running;
    });
  });
});

describe('followNodeMode()', () => {
  it.each([
    ['outside of a pod', undefined],
    ['without a service account', '127.0.0.1'],
  ])('says that the node cannot be asked %s', async (_, host) => {
    const stop = new AbortController();
    let tries = 0;
    const follower = {
      take: (mode: unknown) => expect.fail(`the mode ${String(mode)}`),
      isUnreachable: () => {
        tries += 1;
        stop.abort();
      },
    };
    await followNodeMode({ name: 'n1', host, port: '1', serviceAccount: '/nowhere' }, follower, stop.signal);
    expect(tries).toBe(1);
  });
});
