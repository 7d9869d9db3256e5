// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { dir, hostFixture, type HostFixture } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandProcess } from './command-process.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (!hasOpenssl)
  console.warn('SKIPPED: -cert of xpumanager-labels is not tried: there is no openssl in PATH: install it');

/** One link, and the last line without its end, as XPU Manager has it. */
function metricsOf(device: number): string {
  const ids = `local_device_id="0",local_subdevice_id="0",remote_device_id="${device}",remote_subdevice_id="0"`;
  return `# TYPE xpum_topology_link gauge\nxpum_topology_link{${ids},local_on_subdevice="true",lane_count="4"} 1`;
}

describe('xpumanager-labels', () => {
  let fixture: HostFixture;
  let file: string;
  let server: Server;
  let answer: RequestListener;
  let requests: number;

  beforeEach(async () => {
    fixture = await hostFixture({ 'features/tmp': dir() });
    file = fixture.path('features/links.txt');
    answer = (_, response) => response.end(metricsOf(1));
    requests = 0;
    server = createServer(answered);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await fixture.dispose();
  });

  const answered: RequestListener = (request, response) => {
    requests += 1;
    if (request.url === '/metrics') answer(request, response);
    else response.writeHead(404).end();
  };

  function start(...args: readonly string[]): CommandProcess {
    const { port } = server.address() as AddressInfo;
    const where = ['-dst-file-path', file, '-tmp-dir-prefix', `${fixture.path('features/tmp')}/`];
    const often = ['-interval=1', '-startup-delay=0'];
    return new CommandProcess('xpumanager-labels', [...where, ...often, `-xpum-port=${port}`, ...args]);
  }

  async function written(labels: string): Promise<void> {
    await expect.poll(async () => await readFile(file, 'utf8').catch(() => '')).toBe(`${labels}\n`);
  }

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'writes the labels, follows changes, and removes them on %s',
    async (signal) => {
      await using labels = start();
      await written('gpu.intel.com/xe-links=0.0-1.0');
      answer = (_, response) => response.end(metricsOf(2));
      await written('gpu.intel.com/xe-links=0.0-2.0');
      answer = (_, response) => response.end('garbage]]]');
      await written('gpu.intel.com/xe-links=');
      labels.signal(signal);
      expect(await labels.end()).toBe(0);
      expect(await readdir(fixture.path('features'), { recursive: true })).toEqual(['tmp']);
    },
  );

  it('has another namespace for labels when asked', async () => {
    await using labels = start('-label-namespace=xpumanager.intel.com');
    await written('xpumanager.intel.com/xe-links=0.0-1.0');
    labels.signal('SIGTERM');
    expect(await labels.end()).toBe(0);
  });

  it('leaves the labels as they were while there are no metrics, and says so once', async () => {
    await using labels = start();
    await written('gpu.intel.com/xe-links=0.0-1.0');
    answer = (_, response) => response.writeHead(503).end();
    const before = requests;
    await expect.poll(() => requests).toBeGreaterThan(before + 2);
    answer = (_, response) => response.end(metricsOf(3));
    await written('gpu.intel.com/xe-links=0.0-3.0');
    expect(labels.stderr.match(/labels stay as they were/g)).toHaveLength(1);
    expect(labels.stderr).toContain('it answers with status 503');
    expect(labels.stderr).toContain('labels are right again');
  });

  it('takes no end of metrics for a failure', async () => {
    answer = (_, response) => {
      const chunk = Buffer.alloc(1024 * 1024, '#');
      const send = (): void => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', send);
      send();
    };
    await using labels = start();
    await expect.poll(() => labels.stderr).toContain('it sends more than 16777216 bytes');
    expect(await readdir(fixture.path('features'))).toEqual(['tmp']);
  });

  it('stops at once before it has begun, and while it waits for an answer', async () => {
    await using early = start('-startup-delay=3600', '-v=1');
    answer = () => undefined;
    await using asking = start();
    await expect.poll(() => early.stderr).toContain('waiting for XPU Manager');
    await expect.poll(() => requests).toBe(1);
    for (const labels of [early, asking]) {
      labels.signal('SIGTERM');
      expect(await labels.end()).toBe(0);
      expect(labels.stderr).not.toContain('labels stay');
    }
  });

  it.each([
    ['-interval=0', 'must be from 1 to 86400'],
    ['-startup-delay=86401', 'must be from 0 to 86400'],
    ['-xpum-port=65536', 'must be from 1 to 65535'],
    ['-label-namespace=a\nb', 'must be a DNS name'],
    ['-dst-file-path=labels.txt', 'must be the absolute path of a file'],
  ])('refuses %j and exits 2', async (flag, text) => {
    await using labels = start(flag);
    expect(await labels.end()).toBe(2);
    expect(labels.stderr).toContain(text);
  });

  describe.runIf(hasOpenssl)('with -cert', () => {
    /** A certificate for 127.0.0.1 that vouches for itself. */
    async function certificate(name: string): Promise<{ readonly key: string; readonly cert: string }> {
      await mkdir(fixture.path('certs'), { recursive: true });
      const [key, cert] = [fixture.path(`certs/${name}.key`), fixture.path(`certs/${name}.pem`)];
      const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
      const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'];
      execFileSync('openssl', ['req', ...kind, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
      return { key, cert };
    }

    beforeEach(async () => {
      const { key, cert } = await certificate('server');
      server.close();
      server = createSecureServer({ key: await readFile(key), cert: await readFile(cert) }, answered);
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    });

    it('asks over HTTPS', async () => {
      await using labels = start('-cert', fixture.path('certs/server.pem'));
      await written('gpu.intel.com/xe-links=0.0-1.0');
      labels.signal('SIGTERM');
      expect(await labels.end()).toBe(0);
    });

    it('believes no other server', async () => {
      const { cert } = await certificate('other');
      await using labels = start('-cert', cert);
      await expect.poll(() => labels.stderr).toMatch(/labels stay as they were.*self-signed certificate/);
      expect([requests, await readdir(fixture.path('features'))]).toEqual([0, ['tmp']]);
    });

    it('says when the file is missing', async () => {
      await using labels = start('-cert', '/nowhere.pem');
      await expect.poll(() => labels.stderr).toContain("ENOENT: no such file or directory, open '/nowhere.pem'");
    });
  });
});
