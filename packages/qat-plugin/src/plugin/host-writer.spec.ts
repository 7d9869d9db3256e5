// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { Host, messageOf } from '@kube-device-plugins/core';
import { dir, hostFixture, link, type HostFixture } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostWriter, type HostWriter } from './host-writer.ts';

let fixture: HostFixture;
let writer: HostWriter;

beforeEach(async () => {
  fixture = await hostFixture({ '/sys/a/bind': 'longer than before', '/sys/link': link('/sys/a'), '/sys/dir': dir() });
  writer = hostWriter(new Host(fixture.root));
});

afterEach(async () => {
  await fixture.dispose();
});

describe('hostWriter()', () => {
  it.each(['/sys/a/bind', '/sys/link/bind'])('writes %s, with nothing before or behind the text', async (path) => {
    await writer.write(path, 'text');
    expect(await readFile(fixture.path('/sys/a/bind'), 'utf8')).toBe('text');
  });

  it.each([
    ['/sys/missing', /cannot write "text" to .*\/sys\/missing: it does not exist$/],
    ['/sys/dir', /cannot write "text" to .*\/sys\/dir: EISDIR/],
  ])('refuses to write %s', async (path, message) => {
    const error = await writer.write(path, 'text').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'HOST_UNWRITABLE' });
    expect(messageOf(error)).toMatch(message);
  });

  it('writes nothing to a host that is only looked at', async () => {
    const looking = hostWriter(new Host(fixture.root, { isReadOnly: true }));
    await expect(looking.write('/sys/a/bind', 'text')).rejects.toMatchObject({ code: 'HOST_UNWRITABLE' });
    expect(await readFile(fixture.path('/sys/a/bind'), 'utf8')).toBe('longer than before');
  });

  it('does not leave its root over a symlink', async () => {
    await using other = await hostFixture({ '/file': 'untouched' });
    const outside = other.path('/file');
    await fixture.link('/sys/out', outside);
    await expect(writer.write('/sys/out', 'text')).rejects.toMatchObject({ code: 'HOST_UNWRITABLE' });
    expect(await readFile(outside, 'utf8')).toBe('untouched');
  });
});
