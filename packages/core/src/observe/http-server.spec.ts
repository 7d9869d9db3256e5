// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { createServer, connect as connectTcp, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CapturedLog } from '../../test/captured-log.ts';
import { devices } from '../../test/devices.ts';
import { serveHttp } from './http-server.ts';
import { Telemetry } from './telemetry.ts';

/** A server on a port of its own. */
class Rig implements AsyncDisposable {
  readonly telemetry = new Telemetry();
  readonly log = new CapturedLog();
  readonly controller = new AbortController();
  readonly served: Promise<void>;

  constructor(port = 0) {
    const options = {
      address: { host: '127.0.0.1', port },
      scanPeriodMs: 5_000,
      telemetries: [this.telemetry],
      info: { plugin: 'p', version: '1' },
      podResourcesSocket: '/nowhere/kubelet.sock',
    };
    this.served = serveHttp(options, this.controller.signal);
  }

  async port(): Promise<number> {
    await expect.poll(() => this.log.with('serving metrics and health')).toHaveLength(1);
    return Number(/127\.0\.0\.1:(\d+)/.exec(this.log.lines.join())?.[1]);
  }

  async get(path: string): Promise<{ readonly status: number; readonly text: string; readonly type: string | null }> {
    const response = await fetch(`http://127.0.0.1:${await this.port()}${path}`);
    return { status: response.status, text: await response.text(), type: response.headers.get('content-type') };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.controller.abort();
    await this.served;
    this.log[Symbol.dispose]();
  }
}

describe('serveHttp()', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('answers /healthz whatever the state', async () => {
    await using rig = new Rig();
    await expect(rig.get('/healthz')).resolves.toMatchObject({ status: 200, text: 'ok\n' });
  });

  it('answers /readyz with what is missing and why, until nothing is', async () => {
    await using rig = new Rig();
    rig.telemetry.resourceChanged('a/b', { devices: devices('x'), problem: 'waiting for the kubelet: no socket' });
    await expect(rig.get('/readyz')).resolves.toMatchObject({
      status: 503,
      text: 'not ready scan: the first scan has not ended yet\nnot ready a/b (1 devices): waiting for the kubelet: no socket\n',
    });
    rig.telemetry.scanFinished(1);
    rig.telemetry.resourceChanged('a/b', { registered: true, streamOpen: true, problem: undefined });
    await expect(rig.get('/readyz?verbose')).resolves.toMatchObject({
      status: 200,
      text: 'ok scan\nok a/b (1 devices)\n',
    });
  });

  it('answers /metrics in the Prometheus text format, each time with the numbers of the moment', async () => {
    await using rig = new Rig();
    const first = await rig.get('/metrics');
    expect(first.status).toBe(200);
    expect(first.type).toMatch(/^text\/plain; version=/);
    rig.telemetry.registrations.add({ resource: 'a/b', result: 'ok' });
    await expect(rig.get('/metrics')).resolves.toMatchObject({
      text: expect.stringContaining('device_plugin_registrations_total{resource="a/b",result="ok"} 1') as string,
    });
  });

  it('answers anything else with what there is', async () => {
    await using rig = new Rig();
    for (const path of ['/status', '/metrics/', '//', '/healthz/x', '/%00']) {
      await expect(rig.get(path)).resolves.toMatchObject({
        status: 404,
        text: 'there are /, /status.json, /healthz, /readyz and /metrics\n',
      });
    }
  });

  it('answers / with the status for people, which runs no script and loads nothing', async () => {
    await using rig = new Rig();
    rig.telemetry.resourceChanged('a/b', { devices: devices('x') });
    const response = await fetch(`http://127.0.0.1:${await rig.port()}/?refresh=5`);
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': expect.stringMatching(
        /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; /,
      ) as string,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    });
    expect(await response.text()).toMatch(/^<!doctype html>[^]*<h3>\s*a\/b/);
  });

  it('answers /status.json with the status for programs', async () => {
    await using rig = new Rig();
    rig.telemetry.resourceChanged('a/b', { devices: devices('x') });
    const { status, type, text } = await rig.get('/status.json');
    expect({ status, type }).toEqual({ status: 200, type: 'application/json; charset=utf-8' });
    expect(JSON.parse(text)).toMatchObject({
      format: 1,
      plugins: [{ name: 'p', resources: [{ name: 'a/b', devices: [{ id: 'x' }] }] }],
    });
  });

  it('answers HEAD with the head alone, and nothing but GET and HEAD', async () => {
    await using rig = new Rig();
    const address = `http://127.0.0.1:${await rig.port()}`;
    const head = await fetch(address, { method: 'HEAD' });
    expect({ status: head.status, text: await head.text() }).toEqual({ status: 200, text: '' });
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const response = await fetch(`${address}/healthz`, { method });
      expect({ status: response.status, allow: response.headers.get('allow') }).toEqual({
        status: 405,
        allow: 'GET, HEAD',
      });
    }
  });

  it('answers with an error when its numbers cannot be had, and says why in the log', async () => {
    await using rig = new Rig();
    Object.defineProperty(rig.telemetry, 'lastScan', {
      get() {
        throw new Error('broken');
      },
    });
    await expect(rig.get('/readyz')).resolves.toMatchObject({ status: 500 });
    expect(rig.log.with('broken')).toHaveLength(1);
  });

  it('survives garbage', async () => {
    await using rig = new Rig();
    const connection = connectTcp(await rig.port(), '127.0.0.1').on('error', () => undefined);
    connection.resume().end('\x16\x03\x01garbage\r\n\r\n');
    await once(connection, 'close');
    await expect(rig.get('/healthz')).resolves.toMatchObject({ status: 200 });
  });

  it('says so once when the port is taken, tries again, and says so when it works', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await using rig = new Rig(port);
    await vi.waitFor(() => {
      expect(rig.log.with('cannot serve metrics and health')[0]).toMatch(
        new RegExp(`^W.*trying again.*127\\.0\\.0\\.1:${port}.*EADDRINUSE`),
      );
    });
    for (let i = 0; i < 3; i++) {
      await vi.waitFor(() => {
        expect(vi.getTimerCount()).toBe(1);
      });
      vi.advanceTimersByTime(2_000);
    }
    other.close();
    await once(other, 'close');
    await vi.waitFor(() => {
      vi.advanceTimersByTime(2_000);
      expect(rig.log.with('serving metrics and health')).toHaveLength(1);
    });
    vi.useRealTimers();
    await expect(rig.get('/healthz')).resolves.toMatchObject({ status: 200 });
    expect(rig.log.lines.map((line) => line[0])).toEqual(['W', 'I']);
  });

  it('stops trying when the signal aborts', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    await using rig = new Rig((other.address() as AddressInfo).port);
    await expect.poll(() => rig.log.with('trying again')).toHaveLength(1);
    rig.controller.abort();
    await rig.served;
    other.close();
  });

  it('closes when the signal aborts, open connections as well, and leaves the port free', async () => {
    await using rig = new Rig();
    const port = await rig.port();
    const idle = connectTcp(port, '127.0.0.1').on('error', () => undefined);
    await once(idle, 'connect');
    rig.controller.abort();
    await rig.served;
    if (!idle.closed) await once(idle.resume(), 'close');
    const next = createServer().listen(port, '127.0.0.1');
    await once(next, 'listening');
    next.close();
  });

  it('does not begin when the signal has aborted', async () => {
    using log = new CapturedLog();
    const options = {
      address: { port: 0 },
      scanPeriodMs: 1,
      telemetries: [new Telemetry()],
      info: { plugin: 'p', version: '1' },
      podResourcesSocket: '/nowhere/kubelet.sock',
    };
    await serveHttp(options, AbortSignal.abort());
    expect(log.lines).toEqual([]);
  });
});
