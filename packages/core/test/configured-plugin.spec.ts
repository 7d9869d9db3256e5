// SPDX-License-Identifier: Apache-2.0
import { rename, writeFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CapturedLog } from './captured-log.ts';
import { treeOf } from './devices.ts';
import { TempDir } from './temp-dir.ts';
import type { FlagDefinitions } from '../src/cli/flag-definition.ts';
import type { DevicePlugin } from '../src/device-plugin.ts';
import type { DeviceTree } from '../src/device-tree.ts';
import { DevicePluginError } from '../src/errors.ts';
import { telemetry } from '../src/observe/telemetry.ts';
import type { PluginDefinition } from '../src/plugin-definition.ts';
import { Host } from '../src/scan/host.ts';
import { requestRescan } from '../src/scan/rescan.ts';
import { pluginConfigFaults } from '../src/supervise/file-faults.ts';
import { openConfiguredPlugin, type ConfiguredPlugin } from '../src/config/configured-plugin.ts';
import { commandLineSources } from '../src/config/plugin-config.ts';

const flags = {
  count: { type: 'int', default: 1, usage: '', check: (count) => (count < 5 ? undefined : 'must be below 5') },
  kind: { type: 'string', default: 'plain', usage: '' },
} as const satisfies FlagDefinitions;

/** What the plugin did: `made 2`, `ended 1`. */
const events: string[] = [];

const definition: PluginDefinition<typeof flags> = {
  name: 'red-plugin',
  namespace: 'a.b',
  flags,
  check: ({ kind, count }) => {
    if (kind === 'single' && count > 1) throw new DevicePluginError('FLAG_INVALID', 'single is one');
  },
  config: {
    keys: ['own'],
    schema: { type: 'object', properties: { own: { type: 'integer' } } },
    check: (root) => {
      if (typeof root.at('own').value !== 'number') root.at('own').reject('is no number');
    },
  },
  create: ({ count, kind, ownConfig }, _host, _env, signal): DevicePlugin => {
    if (kind === 'broken') throw new DevicePluginError('FLAG_INVALID', 'cannot be made');
    events.push(`made ${count}`);
    const ids = Array.from({ length: count }, (_, index) => `d${index}`);
    return {
      scan: async (notifier) => {
        if (kind === 'blind') {
          notifier.notify(treeOf({}));
          telemetry.scanFailed(1, new Error('no host'));
          own.publish = () => {
            telemetry.scanFinished(1);
            notifier.notify(treeOf({}));
          };
          await new Promise((resolve) => {
            signal.addEventListener('abort', resolve);
          });
          return;
        }
        if (kind === 'failing') throw new Error('no scan');
        const publish = (): void => {
          notifier.notify(
            treeOf({
              red: [
                ...ids,
                ...(ownConfig === undefined ? [] : [`own${String((ownConfig.current as { own: number }).own)}`]),
              ],
            }),
          );
        };
        publish();
        own.publish = publish;
        await new Promise((resolve) => {
          signal.addEventListener('abort', resolve);
        });
        // Too late to count.
        notifier.notify(treeOf({}));
        events.push(`ended ${count}`);
      },
      ...(kind === 'choosy' && {
        getPreferredAllocation: () => Promise.resolve({ containerResponses: [{ deviceIDs: [kind] }] }),
      }),
      ...(kind === 'giving' && { allocate: () => Promise.resolve({ containerResponses: [] }) }),
    };
  },
};
const own = { publish: (): void => undefined };

let temp: TempDir;
let stop: AbortController;
let scan: Promise<unknown>;
const trees: DeviceTree[] = [];

beforeEach(async () => {
  temp = await TempDir.create();
  stop = new AbortController();
  scan = Promise.resolve();
  trees.length = 0;
  events.length = 0;
});

afterEach(async () => {
  stop.abort();
  await Promise.allSettled([scan]);
  await temp[Symbol.asyncDispose]();
  telemetry.configProblem = undefined;
});

async function publish(text: string): Promise<string> {
  await writeFile(temp.join('new'), text);
  await rename(temp.join('new'), temp.join('red.yaml'));
  return temp.join('red.yaml');
}

async function open(text: string): Promise<ConfiguredPlugin<typeof flags>> {
  const sources = commandLineSources(definition, ['-scan-period=1h'], {});
  return await openConfiguredPlugin({ path: await publish(text), definition, sources, env: {} });
}

async function start(text: string): Promise<DevicePlugin> {
  const plugin = await (await open(text)).make(new Host('/'), stop.signal);
  scan = plugin.scan({ notify: (tree) => void trees.push(tree) }, stop.signal);
  scan.catch(() => undefined);
  return plugin;
}

async function change(text: string): Promise<void> {
  await publish(text);
  requestRescan();
}

const ids = (): string[] => [...(trees.at(-1)?.resources.get('red')?.keys() ?? [])];

describe('ConfiguredPlugin', () => {
  it('makes the plugin anew with other flags, and none of its lists is empty in between', async () => {
    await start('count: 2');
    expect(ids()).toEqual(['d0', 'd1']);
    await change('count: 3');
    await expect.poll(ids).toEqual(['d0', 'd1', 'd2']);
    expect(events).toEqual(['made 2', 'made 3', 'ended 2']);
    expect(trees.every((tree) => tree.deviceTypeCount('red') > 0)).toBe(true);
    stop.abort();
    await scan;
    expect(events.at(-1)).toBe('ended 3');
  });

  it('leaves it alone when nothing changes for it, and hands on what it reads itself', async () => {
    await start('own: 1\nv: 0');
    expect(ids()).toEqual(['d0', 'own1']);
    await change('own: 2\nv: 0\nmaintenance: [{ device: d0, reason: dust }]');
    await expect.poll(() => trees.at(-1)?.resources.get('red')?.get('d0')?.healthReason).toBe('maintenance: dust');
    own.publish();
    expect(ids()).toEqual(['d0', 'own2']);
    expect(events).toEqual(['made 1']);
    await change('v: 0');
    await expect.poll(ids).toEqual(['d0']);
    expect(events).toEqual(['made 1', 'made 1', 'ended 1']);
  });

  it.each([
    ['count: 9', /red\.yaml:1:8: count: "9" must be below 5/],
    ['count: 2\nkind: single', /red\.yaml:2:7: kind: single is one/],
    ['kind: broken', /^cannot be made/],
    ['own: x', /red\.yaml:1:6: own: is no number/],
    ['a: [', /red\.yaml:1:/],
  ])('stays with what it has when %j is wrong', async (text, reason) => {
    using log = new CapturedLog();
    await start('count: 2');
    await change(text);
    await expect.poll(() => telemetry.configProblem).toMatch(reason);
    expect(log.with('the last good one stays')).toHaveLength(1);
    expect(ids()).toEqual(['d0', 'd1']);
    expect(events).toEqual(['made 2']);
    await change('count: 1');
    await expect.poll(ids).toEqual(['d0']);
    expect(telemetry.configProblem).toBeUndefined();
  });

  it('has the calls answered by the plugin whose devices are listed', async () => {
    using log = new CapturedLog();
    const request = { containerRequests: [{ availableDeviceIDs: [], mustIncludeDeviceIDs: [], allocationSize: 1 }] };
    const plugin = await start('kind: choosy');
    await expect(plugin.allocate?.({ containerRequests: [] })).rejects.toThrow('use default method');
    await plugin.postAllocate?.({ containerResponses: [] });
    expect(plugin.preStartContainer).toBeUndefined();
    expect(await plugin.getPreferredAllocation?.(request)).toEqual({ containerResponses: [{ deviceIDs: ['choosy'] }] });
    await change('kind: giving');
    await expect.poll(() => events).toHaveLength(3);
    expect(await plugin.allocate?.({ containerRequests: [] })).toEqual({ containerResponses: [] });
    expect(await plugin.getPreferredAllocation?.(request)).toEqual({ containerResponses: [{ deviceIDs: [] }] });
    expect(log.with('restart the plugin')[0]).toContain('calls=["getPreferredAllocation"]');
  });

  it('keeps the devices of before while the new plugin cannot read the host', async () => {
    await start('count: 2');
    await change('kind: blind');
    await expect.poll(() => events).toEqual(['made 2', 'made 1', 'ended 2']);
    await setImmediate();
    expect(ids()).toEqual(['d0', 'd1']);
    own.publish();
    await expect.poll(ids).toEqual([]);
  });

  it('ends with the error of a scan', async () => {
    await start('kind: failing');
    await expect(scan).rejects.toThrow('no scan');
  });

  it('takes exactly the files in which nobody finds fault', async () => {
    const value = fc.oneof(fc.constantFrom<unknown>(null, 1, 9, 'plain', 'single', '5s', [], 'x'), fc.jsonValue());
    const sound = {
      count: fc.constantFrom(1, 2, 9),
      kind: fc.constantFrom('plain', 'single'),
      own: fc.constantFrom(1, 'x'),
      v: fc.constantFrom(0, '1'),
    };
    const keys = ['count', 'kind', 'own', 'scan-period', 'v', 'maintenance', 'prefix', 'config', 'unknown'];
    const file = fc.oneof(
      fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 3 }).map((config) => JSON.stringify(config)),
      fc.string(),
      fc.record(sound, { requiredKeys: [] }).map((config) => JSON.stringify(config)),
    );
    let taken = 0;
    const property = fc.asyncProperty(file, async (text) => {
      const faults = await pluginConfigFaults({ path: temp.join('red.yaml'), text }, definition, false);
      const error: unknown = await open(text).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error === undefined) taken += 1;
      else expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
      expect(error === undefined, text).toBe(faults.length === 0);
    });
    await fc.assert(property, { numRuns: 500 });
    expect(taken).toBeGreaterThan(20);
  });
});
