// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeviceKind } from '../src/host-devices.ts';
import { plain } from '@kube-device-plugins/terminal';
import { runOnce } from '../src/run-once.ts';
import { runSession } from '../src/session.ts';
import { createWorld, pluginFile, type World } from './world.ts';

let world: World;

beforeEach(async () => {
  world = await createWorld();
});

afterEach(async () => {
  expect(await world.end(), 'left behind').toEqual([]);
});

/** What is printed on a host with these kinds of devices. */
async function once(kinds: readonly DeviceKind[], file = pluginFile): Promise<string[]> {
  const printed: string[] = [];
  const output = {
    write: (lines: readonly string[]) => printed.push(...lines),
    columns: 200,
    paint: plain,
    notices: [],
  };
  await runSession(
    { plugin: { name: 'simple-plugin', file }, kinds, hostKubeletDirectory: undefined, wantsSlot: false },
    (session, signal) => runOnce(session, output, signal),
    new AbortController().signal,
  );
  return printed;
}

describe('runOnce()', () => {
  it('takes a real device where there is one', async () => {
    const printed = await once([{ resource: 'host.example.com/null', pattern: '/dev/nul[l]' }]);
    expect(printed.slice(1)).toEqual([
      '',
      'RESOURCE                   DEVICE ID              HEALTH   NUMA NODE  HOST NODES  ALLOCATED TO',
      'example.com/simple-device  simple-device-local-0  Healthy  -          -           -',
      'example.com/simple-device  simple-device-local-1  Healthy  -          -           -',
      'host.example.com/null      null                   Healthy  -          /dev/null   demo-1/main',
      '',
      'Container main of pod demo-1 got host.example.com/null null:',
      '  device nodes  /dev/null (rw)',
      '  environment   none',
      '  mounts        none',
    ]);
  });

  it('takes a simulated one where there is none, and says so', async () => {
    const printed = await once([]);
    expect(printed.slice(-6)).toEqual([
      expect.stringMatching(
        /^This host has no healthy device of those looked for \(.*\/dev\/fuse.*\): this one is simulated.$/,
      ),
      expect.stringMatching(/^Container main of pod demo-1 got example.com\/simple-device simple-device-local-[01]:$/),
      '  device nodes  none',
      expect.stringMatching(/^ {2}environment {3}SIMPLE_DEVICE_simple-device-local-[01]=\/dev\/[01]$/),
      '  mounts        none',
      expect.stringMatching(/^ {2}annotations {3}example.com\/simple-device-simple-device-local-[01]=$/),
    ]);
  });

  it('takes a simulated one where the real one is broken', async () => {
    const printed = await once([{ resource: 'host.example.com/absent', pattern: '/dev/no-such-device' }]);
    expect(printed).toContainEqual(expect.stringMatching(/^host.example.com\/absent .* Unhealthy +- +\? +-$/));
    expect(printed).toContainEqual(expect.stringMatching(/ got example.com\/simple-device /));
  });
});
