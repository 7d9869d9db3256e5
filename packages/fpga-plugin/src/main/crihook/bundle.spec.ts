// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { dir, hostFixture, type HostFixture } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundleOf, readBundleConfig } from './bundle.ts';

describe('bundleOf()', () => {
  it('is the path in the state of a container', () => {
    const state = {
      ociVersion: '1.0.2',
      id: 'c',
      status: 'creating',
      pid: 7,
      bundle: '/run/c/task/1',
      annotations: {},
    };
    expect(bundleOf(JSON.stringify(state))).toBe('/run/c/task/1');
  });

  it.each([
    ['', 'the state of the container on standard input is not JSON'],
    ['{"bundle":', 'the state of the container on standard input is not JSON'],
    ['[]', 'the state of the container on standard input is no JSON object'],
    ['null', 'the state of the container on standard input is no JSON object'],
    ['{}', 'the state of the container names no bundle'],
    ['{"bundle":""}', 'the state of the container names no bundle'],
    ['{"bundle":7}', 'the state of the container names no bundle'],
    ['{"bundle":"run/c"}', 'the bundle "run/c" is no plain absolute path'],
    ['{"bundle":"/run/../etc"}', 'the bundle "/run/../etc" is no plain absolute path'],
    ['{"bundle":"/run\\u0000"}', String.raw`the bundle "/run\u0000" is no plain absolute path`],
  ])('refuses %j', (state, message) => {
    expect(() => bundleOf(state)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', message }) as Error);
  });
});

describe('readBundleConfig()', () => {
  let fixture: HostFixture;

  beforeEach(async () => {
    fixture = await hostFixture({
      'good/config.json': `{"a":"${'ä'.repeat(70_000)}"}`,
      empty: dir(),
      'dir/config.json': dir(),
    });
  });
  afterEach(() => fixture.dispose());

  it('reads all of the file', async () => {
    expect(JSON.parse(await readBundleConfig(fixture.path('good')))).toEqual({ a: 'ä'.repeat(70_000) });
  });

  it.each([
    ['empty', /cannot read .*empty\/config\.json: ENOENT/],
    ['none', /ENOENT/],
    ['dir', /it is no regular file/],
  ])('refuses a bundle such as %s', async (name, message) => {
    await expect(readBundleConfig(fixture.path(name))).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(message) as unknown,
    });
  });

  it('neither reads too much nor waits for a FIFO', async () => {
    await fixture.write('good/config.json', ' '.repeat(5 * 1024 * 1024));
    await expect(readBundleConfig(fixture.path('good'))).rejects.toThrow('it has more than 4194304 bytes');
    await promisify(execFile)('mkfifo', [fixture.path('empty/config.json')]);
    await expect(readBundleConfig(fixture.path('empty'))).rejects.toThrow('it is no regular file');
  });
});
