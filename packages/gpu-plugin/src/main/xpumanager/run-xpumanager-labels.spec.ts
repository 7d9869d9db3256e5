// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dir, hostFixture } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchMetrics } from './fetch-metrics.ts';
import { runXpumanagerLabels } from './run-xpumanager-labels.ts';
import { xpumanagerFlags } from './xpumanager-flags.ts';

const metrics =
  'xpum_topology_link{local_device_id="0",local_subdevice_id="0",remote_device_id="1",remote_subdevice_id="0",local_on_subdevice="true",lane_count="4"} 1';

let server: Server;
let port: number;
let answer: RequestListener;

beforeEach(async () => {
  answer = (_, response) => response.end(metrics);
  server = createServer((request, response) => {
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

describe('fetchMetrics()', () => {
  const { signal } = new AbortController();

  it('gives what is served', async () => {
    await expect(fetchMetrics({ port, certFile: '' }, signal)).resolves.toBe(metrics);
  });

  it.each<[string, RequestListener, string]>([
    ['an error', (_, response) => response.writeHead(500).end(), 'status 500'],
    ['a redirect', (_, response) => response.writeHead(302, { location: 'http://192.0.2.1/' }).end(), 'status 302'],
    ['too much', (_, response) => response.end(Buffer.alloc(16 * 1024 * 1024 + 1)), 'more than 16777216 bytes'],
    [
      'half of it',
      (_, response) => response.writeHead(200, { 'content-length': 9 }).write('1', () => response.destroy()),
      'aborted',
    ],
  ])('rejects when the answer is %s', async (_, listener, text) => {
    answer = listener;
    await expect(fetchMetrics({ port, certFile: '' }, signal)).rejects.toMatchObject({
      code: 'RPC_FAILED',
      message: expect.stringContaining(`http://127.0.0.1:${port}/metrics`) as string,
      cause: { message: expect.stringContaining(text) as string },
    });
  });

  it('rejects when nobody listens, without a certificate, and when it is stopped', async () => {
    const rejected = { code: 'RPC_FAILED' };
    await expect(fetchMetrics({ port, certFile: '/nowhere.pem' }, signal)).rejects.toMatchObject({
      ...rejected,
      cause: { code: 'ENOENT' },
    });
    await expect(fetchMetrics({ port, certFile: '' }, AbortSignal.abort())).rejects.toMatchObject(rejected);
    server.close();
    await once(server, 'close');
    await expect(fetchMetrics({ port, certFile: '' }, signal)).rejects.toMatchObject({
      ...rejected,
      cause: { code: 'ECONNREFUSED' },
    });
  });
});

describe('runXpumanagerLabels()', () => {
  it('writes the labels, and removes them at the end', async () => {
    await using fixture = await hostFixture({ features: dir() });
    const file = fixture.path('features/links.txt');
    const stop = new AbortController();
    const running = runXpumanagerLabels(
      {
        interval: 1,
        'startup-delay': 0,
        'xpum-port': port,
        'dst-file-path': file,
        'tmp-dir-prefix': fixture.path('features'),
        'lane-count': 4,
        'label-namespace': 'gpu.intel.com',
        'allow-subdeviceless-links': false,
        cert: '',
      },
      stop.signal,
    );
    await expect
      .poll(async () => await readFile(file, 'utf8').catch(() => ''))
      .toBe('gpu.intel.com/xe-links=0.0-1.0\n');
    stop.abort();
    await running;
    expect(await readdir(fixture.path('features'))).toEqual([]);
  });
});

describe('xpumanagerFlags', () => {
  it.each([
    ['interval', 0, 1],
    ['interval', 86_401, 86_400],
    ['startup-delay', 86_401, 0],
    ['xpum-port', 0, 1],
    ['xpum-port', 65_536, 65_535],
  ] as const)('refuse %s of %i, and take %i', (name, wrong, right) => {
    expect(xpumanagerFlags[name].check(wrong)).toContain('must be from');
    expect(xpumanagerFlags[name].check(right)).toBeUndefined();
  });

  it.each(['', 'a b', 'a\nb', '-a', 'a.', 'A', 'a'.repeat(254)])('refuse the namespace %j', (namespace) => {
    expect(xpumanagerFlags['label-namespace'].check(namespace)).toContain('must be a DNS name');
    expect(xpumanagerFlags['label-namespace'].check('gpu.intel.com')).toBeUndefined();
  });
});
