// SPDX-License-Identifier: Apache-2.0
import { FakeKubelet } from '@kube-device-plugins/testkit';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { devices } from '../../../test/devices.ts';
import { TempDir } from '../../../test/temp-dir.ts';
import { Telemetry } from '../telemetry.ts';
import { parseStatusQuery, StatusAnswers } from './status-answers.ts';

function answersIn(dir: string): StatusAnswers {
  const telemetry = new Telemetry();
  telemetry.resourceChanged('a/b', { devices: devices('x') });
  const sources = { telemetries: [telemetry], info: { plugin: 'p', version: '1' }, scanPeriodMs: 5_000 };
  const podResourcesSocket = join(dir, 'pod-resources/kubelet.sock');
  return new StatusAnswers({ ...sources, podResourcesSocket }, new AbortController().signal);
}

describe('StatusAnswers', () => {
  it('allows the style of the page by its hash, and nothing else', async () => {
    const { text, headers } = await answersIn('/nowhere').page('/');
    const [, style = ''] = /<style>([^]*)<\/style>/.exec(text) ?? [];
    const hash = createHash('sha256').update(style).digest('base64');
    expect(headers['content-security-policy']).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    expect(text).not.toMatch(/<(script|link|img|iframe|form)|style=|\bon\w+=/);
  });

  it('says that the socket is not mounted, which is no fault', async () => {
    const { text } = await answersIn('/nowhere').json('/status.json');
    expect(JSON.parse(text)).toMatchObject({
      usersUnknown: expect.stringMatching(
        /^the kubelet's socket \/nowhere\/pod-resources\/kubelet.sock is not here/,
      ) as string,
    });
  });

  it('asks the kubelet where it is, once a second at most', async () => {
    await using dir = await TempDir.create();
    const podResourcesDir = join(dir.path, 'pod-resources');
    const kubelet = new FakeKubelet({ dir: join(dir.path, 'device-plugins'), podResourcesDir });
    await kubelet.start();
    const answers = answersIn(dir.path);
    const first = await answers.json('/status.json');
    expect(JSON.parse(first.text)).toMatchObject({ plugins: [{ resources: [{ devices: [{ id: 'x', users: [] }] }] }] });
    await kubelet.stop();
    // What is fresh enough is not asked for again.
    expect(JSON.parse((await answers.json('/status.json')).text)).not.toHaveProperty('usersUnknown');
  });
});

describe('parseStatusQuery()', () => {
  it.each([
    ['/', {}],
    ['/?', {}],
    ['/?resource=a%2Fb&page=3&refresh=5', { resource: 'a/b', page: 3, refreshS: 5 }],
    ['/?refresh=0', {}],
    ['/?refresh=-1&page=1.5', {}],
    ['/?refresh=9999999&page=9999999', { refreshS: 3_600, page: 1_000_000 }],
    ['/?refresh', {}],
    ['/?page=1&page=2', {}],
    ['//?resource=%ff', { resource: '\ufffd' }],
  ])('%s', (url, expected) => {
    expect(parseStatusQuery(url)).toEqual({ resource: undefined, page: 1, refreshS: undefined, ...expected });
  });

  it('takes any address', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { page, refreshS = 1 } = parseStatusQuery(`/?${text}`);
        expect(Number.isInteger(page) && page >= 1 && Number.isInteger(refreshS) && refreshS >= 1).toBe(true);
      }),
    );
  });
});
