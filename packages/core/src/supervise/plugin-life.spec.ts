// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Rig } from '../../test/rig.ts';
import type { FlagDefinitions } from '../cli/flag-definition.ts';
import { parsePluginFlags } from '../cli/plugin-flags.ts';
import { DeviceTree } from '../device-tree.ts';
import { DevicePluginError } from '../errors.ts';
import { telemetryOf } from '../observe/telemetry.ts';
import type { PluginDefinition } from '../plugin-definition.ts';
import { inScope } from '../plugin-scope.ts';
import { rescan } from '../scan/rescan.ts';
import { livePlugin } from './plugin-life.ts';

const flags = { count: { type: 'int', default: 1, usage: '' } } as const satisfies FlagDefinitions;

const definition: PluginDefinition<typeof flags> = {
  name: 'red-plugin',
  namespace: 'red.example.com',
  flags,
  create: ({ count, scanPeriodMs }) => ({
    scan: (notifier, signal) =>
      rescan({ everyMs: scanPeriodMs, watch: [] }, signal, () => {
        const tree = new DeviceTree();
        for (let i = 1; i <= count; i++) tree.addDevice('card', `red-${i}`, { health: 'Healthy', nodes: [] });
        notifier.notify(tree);
        return Promise.resolve();
      }),
  }),
};

/** Lives this plugin in the directory of a rig, with these flags. */
async function live(
  rig: Rig,
  change: Partial<PluginDefinition<typeof flags>>,
  signal: AbortSignal,
  text = '',
): Promise<void> {
  const flagsDir = rig.temp.join('flags');
  await mkdir(flagsDir, { recursive: true });
  await writeFile(rig.temp.join('flags/red.flags'), text);
  const places = [`-device-plugin-path=${rig.dir}`, `-cdi-dir=${rig.temp.join('cdi')}`, `-prefix=${rig.temp.path}`];
  const parsed = parsePluginFlags('test', {}, places, {});
  if (parsed.kind !== 'run') throw new Error('wrong flags of the test');
  const changed: PluginDefinition<typeof flags> = { ...definition, ...change };
  await inScope({ name: 'red-plugin', onStrayError: () => undefined }, () =>
    livePlugin({ key: 'red', definition: changed }, { flagsDir, common: parsed.common, env: {} }, signal),
  );
}

describe('livePlugin()', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('serves what the plugin finds, by the flags in its file, until it is stopped', async () => {
    await using rig = await Rig.withKubelet();
    const stop = new AbortController();
    const life = live(rig, {}, stop.signal, '-count=3');
    await rig.kubelet.waitFor({ resource: 'red.example.com/card', devices: 3, state: 'connected' });
    expect(telemetryOf('red-plugin').outage).toBeUndefined();
    stop.abort();
    await life;
    expect(rig.files()).toEqual([]);
  });

  it('names the file of flags that the plugin cannot be made with', async () => {
    await using rig = await Rig.create();
    const { signal } = new AbortController();
    const path = rig.temp.join('flags/red.flags');
    const refuse = (code: 'FLAG_INVALID' | 'CONFIG_INVALID') => (): never => {
      throw new DevicePluginError(code, 'not these');
    };
    const check: (typeof definition)['check'] = ({ count }) => count === 1 || refuse('FLAG_INVALID')();
    await expect(live(rig, { check }, signal, '\n-count=2')).rejects.toThrow(`${path}:2: not these`);
    const [ofFlags, ofConfig] = [refuse('FLAG_INVALID'), refuse('CONFIG_INVALID')];
    await expect(live(rig, { create: ofFlags }, signal)).rejects.toThrow(`${path}: not these`);
    await expect(live(rig, { create: ofConfig }, signal)).rejects.toThrow(/^not these$/);
    expect(telemetryOf('red-plugin').outage).toBeUndefined();
  });

  it('says that a plugin takes long to be made, and does not wait for it at the end', async () => {
    await using rig = await Rig.create();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const stop = new AbortController();
    const life = live(rig, { create: () => Promise.withResolvers<never>().promise }, stop.signal);
    await vi.waitFor(() => expect(telemetryOf('red-plugin').outage).toBe('it is being made'));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(rig.log.with('the plugin is still being made')).toHaveLength(1);
    stop.abort();
    await life;
    expect(vi.getTimerCount()).toBe(0);
  });
});
