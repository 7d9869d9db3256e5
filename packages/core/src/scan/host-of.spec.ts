// SPDX-License-Identifier: Apache-2.0
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packTar } from 'modern-tar';
import { describe, expect, it } from 'vitest';
import { hostTree } from '../../test/support/host-tree.ts';
import { hostOf } from './host-of.ts';
import { Host } from './host.ts';

describe('hostOf()', () => {
  it.each([
    ['', '/sys'],
    ['/host', '/host/sys'],
  ])('makes one below the prefix %j', async (prefix, expected) => {
    await using lease = await hostOf({ prefix, replay: '' });
    expect(lease.host.path('/sys')).toBe(expected);
  });

  it('makes one of a capture, as its caller wants it, for as long as it is leased', async () => {
    const replay = join(await hostTree({}), 'node.tar');
    await writeFile(replay, await packTar([{ header: { name: 'sys/a', size: 4 }, body: 'text' }]));
    const lease = await hostOf({ prefix: '', replay }, (root) => new Host(root, { isReadOnly: true }));
    expect(lease.host.isReadOnly).toBe(true);
    expect(await lease.host.readText('/sys/a')).toBe('text');
    await lease[Symbol.asyncDispose]();
    expect(await new Host(lease.host.path('/')).exists('/')).toBe(false);
  });
});
