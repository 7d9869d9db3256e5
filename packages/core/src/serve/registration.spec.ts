// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { TempDir } from '../../test/temp-dir.ts';
import { messageOf } from '../errors.ts';
import { register } from './registration.ts';

describe('register()', () => {
  it('fails with the method, the socket and the cause when there is no kubelet', async () => {
    await using dir = await TempDir.create();
    const plugin = { scan: () => Promise.resolve() };
    const registered = register(dir.join('k'), 'a.example.com/b', 'b.sock', plugin, new AbortController().signal);
    const error: unknown = await registered.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'KUBELET_CALL' });
    expect(messageOf(error)).toMatch(/^\/v1beta1\.Registration\/Register on \S+\/k failed: connect ENOENT \S+$/);
  });
});
