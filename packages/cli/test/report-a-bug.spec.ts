// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Host, parsePluginFlags, scanOnce } from '@kube-device-plugins/core';
import { definition } from '@kube-device-plugins/gpu-plugin';
import { HostFixture, hostFixture } from '@kube-device-plugins/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostCases } from './hosts.ts';
import { kdp } from './recording-context.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kdp-'));
});
afterEach(() => rm(directory, { recursive: true }));

/** docs/guides/report-a-bug.md, "Make it a test". */
describe('a capture as a test', () => {
  it('is a host like any other', async () => {
    const capture = join(directory, 'issue-123.tar');
    await using original = await hostFixture(hostCases['GPUs, of which some are left out']?.tree ?? {});
    expect((await kdp(['capture', 'gpu', '-o', capture, '--prefix', original.root])).code).toBe(0);

    await using fixture = await HostFixture.fromCapture(capture);
    const flags = parsePluginFlags(definition.name, definition.flags, [], {});
    if (flags.kind !== 'run') throw new Error('no flags are wrong');
    const options = {
      flags: { ...flags.own, ...flags.common },
      host: new Host(fixture.root),
      env: {},
      timeoutMs: 10_000,
    };
    const { resources, remarks } = await scanOnce(definition, options, new AbortController().signal);
    expect([...(resources.get('gpu.intel.com/i915')?.keys() ?? [])]).toEqual(['card0-0', 'card2-0']);
    expect(remarks.map(({ subject }) => subject)).toContain('card4');
  });
});
