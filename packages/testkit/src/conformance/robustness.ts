// SPDX-License-Identifier: Apache-2.0
import { lstat, writeFile } from 'node:fs/promises';
import { isErrno } from '@kube-device-plugins/core';
import { deviceplugin } from '@kube-device-plugins/core/kubelet-api';
import { openIdleConnections } from '../foreign-clients.ts';
import { type Clause, type ClauseContext, expect, reach } from './clause.ts';
import { isRefused, rawCall, type RawCall, type RawStatus } from './raw-call.ts';

/** What nobody should send, and what should not happen. */
export const robustness: readonly Clause[] = [
  {
    id: 'RB-01',
    level: 'must',
    title: 'closes connections on which somebody does not speak HTTP/2',
    shares: true,
    async check({ stage, budgets }) {
      for (const [what, bytes] of foreign) {
        expect(await isRefused(stage.socketPath, bytes, budgets.callMs), `a connection with ${what} stays open`);
        await stage.expectAlive();
      }
    },
  },
  {
    id: 'RB-02',
    level: 'must',
    title: 'answers INVALID_ARGUMENT or INTERNAL to what is no protobuf',
    shares: true,
    async check(context) {
      const status = await answerTo(context, { message: Buffer.from([0x0a, 0xff, 0xff]) });
      expect(status === 'INTERNAL' || status === 'INVALID_ARGUMENT', `answers ${status}`);
    },
  },
  {
    id: 'RB-03',
    level: 'must',
    title: 'passes over fields that it does not know',
    shares: true,
    async check(context) {
      const request = { containerRequests: [{ devicesIds: context.stage.ids(1) }] };
      const known = deviceplugin.AllocateRequest.encode(request).finish();
      const status = await answerTo(context, { message: Buffer.concat([known, unknownField]) });
      expect(status === 'OK', `answers ${status}`);
    },
  },
  {
    id: 'RB-04',
    level: 'must',
    title: 'answers UNIMPLEMENTED to methods and services that it does not have',
    shares: true,
    async check(context) {
      for (const path of ['/v1beta1.DevicePlugin/Deallocate', '/v2.DevicePlugin/Allocate']) {
        const status = await answerTo(context, { path });
        expect(status === 'UNIMPLEMENTED', `answers ${status} to ${path}`);
      }
    },
  },
  {
    id: 'RB-05',
    level: 'must',
    title: 'answers RESOURCE_EXHAUSTED to a request of 5 MiB',
    shares: true,
    async check(context) {
      const status = await answerTo(context, { message: Buffer.alloc(5 * 2 ** 20) });
      expect(status === 'RESOURCE_EXHAUSTED', `answers ${status}`);
    },
  },
  {
    id: 'RB-06',
    level: 'must',
    title: 'answers UNIMPLEMENTED to a compression that it does not know',
    shares: true,
    async check(context) {
      const status = await answerTo(context, { headers: { 'grpc-encoding': 'x-unknown' }, isCompressed: true });
      expect(status === 'UNIMPLEMENTED', `answers ${status}`);
    },
  },
  {
    id: 'RB-07',
    level: 'must',
    title: 'ends calls whose deadline is over, and keeps nothing of them',
    shares: true,
    async check(context) {
      const { stage, budgets } = context;
      const watch = '/v1beta1.DevicePlugin/ListAndWatch';
      const call = { path: watch, message: new Uint8Array(), headers: { 'grpc-timeout': '1m' } };
      const before = stage.plugin.openFiles ?? 0;
      const statuses = new Set<RawStatus>();
      for (let i = 0; i < 20; i++) {
        statuses.add(await answerTo(context, call));
      }
      const files = (): number => (stage.plugin.openFiles ?? 0) - before;
      await stage.until(
        () => files() <= 5,
        budgets.callMs,
        () => `files to be closed; ${files()} more are open than before`,
      );
      const told = [...statuses].map((status) => statusWords[status] ?? status).join(' or ');
      expect(!statuses.has('OK') && statuses.size <= 2, `ends a stream with a deadline of 1 ms with ${told}`);
      return `ends with ${told}`;
    },
  },
  {
    id: 'RB-08',
    level: 'should',
    title: 'serves beside 1,000 idle connections',
    async check({ stage, budgets }) {
      await stage.begin();
      using idle = new DisposableStack();
      const endMs = performance.now() + 10 * budgets.callMs;
      for (let open = 0; open < 1000;) {
        try {
          idle.use(await openIdleConnections(stage.socketPath, 50));
          open += 50;
        } catch (error) {
          // The backlog is full: the plugin has not yet accepted those before.
          if (!isErrno(error, 'EAGAIN') || performance.now() > endMs) throw error;
          await stage.pause(50);
        }
      }
      await stage.expectAlive();
      expect(stage.isConnected, 'the stream of the kubelet has ended');
    },
  },
  {
    id: 'RB-10',
    level: 'must',
    title: 'says so when the plugin directory cannot be used, whether it exits or goes on trying',
    async check({ stage, budgets }) {
      await stage.prepare();
      // Nobody, root neither, makes a socket in what is no directory.
      await writeFile(stage.place.dir, '');
      const plugin = stage.launch();
      const hasSpoken = (): boolean => plugin.output.trim() !== '';
      await stage.until(
        () => hasSpoken() || plugin.exit !== undefined,
        budgets.registerMs,
        () => 'a word about it',
      );
      await stage.until(hasSpoken, budgets.callMs, () => 'a word about it; it exited without one');
      expect(plugin.exit?.code !== 0, 'exits 0');
      return plugin.output.trim().split('\n')[0];
    },
  },
  {
    id: 'RB-11',
    level: 'should',
    title: 'does not let everybody write to its socket',
    shares: true,
    async check({ stage }) {
      const { mode } = await lstat(stage.socketPath);
      expect((mode & 0o002) === 0, `the mode is ${(mode & 0o777).toString(8)}`);
    },
  },
  {
    id: 'RB-15',
    level: 'must',
    title: 'serves on when nobody takes what it logs',
    async check({ stage }) {
      await stage.begin();
      stage.plugin.closeOutput();
      const comesBack = async (see: string, registrations: number): Promise<void> => {
        stage.deed = `closed the output of the plugin, and ${stage.deed ?? ''}`;
        // That it comes back at all is another matter, unless it has ended.
        await reach(see, stage.live(registrations)).finally(() => stage.expectRunning());
      };
      // Something to log.
      await stage.restart('graceful');
      await comesBack('RS-01', 2);
      stage.cutStreams('reset');
      await comesBack('RS-10', 3);
      await stage.expectAlive();
    },
  },
];

/** Each longer than the preface of HTTP/2: servers wait for 24 bytes before they judge. Source: RFC 9113, 3.4. */
const foreign: readonly (readonly [string, Buffer])[] = [
  ['zeros', Buffer.alloc(1000)],
  ['HTTP/1.1', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
  ['a TLS hello', tlsHello()],
];

/** A whole record of type handshake with a client hello of one cipher suite in it. Source: RFC 8446, 4, 4.1.2 and 5.1. */
function tlsHello(): Buffer {
  const version = [3, 3];
  const hello = [...version, ...Buffer.alloc(32, 7), 0, 0, 2, 0x13, 0x01, 1, 0, 0, 0];
  return Buffer.from([22, 3, 1, 0, 4 + hello.length, 1, 0, 0, hello.length, ...hello]);
}

const statusWords: Partial<Record<RawStatus, string>> = { NO_STATUS: 'a reset stream' };

/** Field 1999 with the text `new`. */
const unknownField = Buffer.from([0xfa, 0x7c, 0x03, 0x6e, 0x65, 0x77]);

/** The status of an Allocate with these oddities. @throws ClauseFailure when the plugin does not live on. */
async function answerTo({ stage, budgets }: ClauseContext, oddities: Partial<RawCall>): Promise<RawStatus> {
  const { path } = deviceplugin.DevicePluginService.allocate;
  const call = { path, message: new Uint8Array(), timeoutMs: budgets.callMs, ...oddities };
  const status = await rawCall(stage.socketPath, call);
  await stage.expectAlive();
  return status;
}
