// SPDX-License-Identifier: Apache-2.0
import { setTimeout as pauseMs } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { CapturedLog } from '../../test/captured-log.ts';
import { parsePluginFlags } from '../cli/plugin-flags.ts';
import type { DevicePlugin } from '../device-plugin.ts';
import { DeviceTree } from '../device-tree.ts';
import { RemarkLog } from '../log/remark-log.ts';
import { Host } from '../scan/host.ts';
import { rescan } from '../scan/rescan.ts';
import { aborted } from '../serve/abortable.ts';
import { scanOnce, type ScanFindings } from './scan-once.ts';

const parsed = parsePluginFlags('color-plugin', {}, [], {});
if (parsed.kind !== 'run') throw new Error('no flags are wrong');
const flags = parsed.common;
const remark = { message: 'left out', subject: 'green', reason: 'it is not yellow' };

function scan(plugin: DevicePlugin, timeoutMs = 10_000, signal = new AbortController().signal): Promise<ScanFindings> {
  const definition = { name: 'color-plugin', namespace: 'color.example.com', flags: {}, create: () => plugin };
  return scanOnce(definition, { flags, host: new Host(), env: {}, timeoutMs }, signal);
}

function tree(): DeviceTree {
  return new DeviceTree().addDevice('yellow', 'a', { health: 'Healthy', nodes: [] }).addDevice('yellow', '', {
    health: 'Healthy',
    nodes: [],
  });
}

/** One that does it in each run of rescan(). */
function rescanning(run: DevicePlugin['scan']): DevicePlugin {
  return {
    scan: (notifier, signal) => rescan({ everyMs: 1_000, watch: [] }, signal, () => run(notifier, signal)),
  };
}

// What rescan() says of failed scans is none of the output of this test.
beforeEach(() => {
  const captured = new CapturedLog();
  return () => {
    captured[Symbol.dispose]();
  };
});

describe('scanOnce()', () => {
  it('returns devices by full names, those left out and the remarks, and stops the scan', async () => {
    let isStopped = false;
    const remarks = new RemarkLog();
    const found = await scan({
      async scan(notifier, signal) {
        await rescan({ everyMs: 1, watch: [] }, signal, () => {
          remarks.tell([remark]);
          notifier.notify(tree());
          return Promise.resolve();
        });
        isStopped = true;
      },
    });
    expect([...(found.resources.get('color.example.com/yellow')?.keys() ?? [])]).toEqual(['a']);
    expect(found.leftOut.get('color.example.com/yellow')).toEqual(new Map([['', 'its id is empty']]));
    expect(found.remarks).toEqual([remark]);
    expect(isStopped).toBe(true);
  });

  it('takes the first tree of a scanner that does without rescan()', async () => {
    const found = await scan({
      async scan(notifier, signal) {
        await pauseMs(20);
        notifier.notify(tree());
        await aborted(signal);
      },
    });
    expect(found.resources.size).toBe(1);
  });

  it('takes that of one that ends by itself', async () => {
    const found = await scan({
      scan(notifier) {
        notifier.notify(tree());
        return Promise.resolve();
      },
    });
    expect(found.resources.size).toBe(1);
  });

  it('rejects with what a scan fails with, also when there is a tree', async () => {
    const failing = rescanning((notifier) => {
      notifier.notify(new DeviceTree());
      return Promise.reject(new Error('no bus'));
    });
    await expect(scan(failing)).rejects.toThrow('no bus');
    await expect(scan({ scan: () => Promise.reject(new Error('no scan')) })).rejects.toThrow('no scan');
  });

  it('forgets the scan before', async () => {
    await scan(rescanning(() => Promise.reject(new Error('no bus')))).catch(() => undefined);
    const works = rescanning((notifier) => {
      notifier.notify(tree());
      return Promise.resolve();
    });
    expect((await scan(works)).resources.size).toBe(1);
  });

  it('rejects with SCAN_TIMEOUT when nothing comes in time, or ever', async () => {
    await expect(scan({ scan: (_, signal) => aborted(signal) }, 20)).rejects.toMatchObject({
      code: 'SCAN_TIMEOUT',
      message: 'color-plugin told of no devices within 20 ms',
    });
    await expect(scan({ scan: () => Promise.resolve() })).rejects.toMatchObject({ code: 'SCAN_TIMEOUT' });
  });

  it('rejects when it is to stop', async () => {
    const stop = new AbortController();
    const scanning = scan({ scan: (_, signal) => aborted(signal) }, 10_000, stop.signal);
    stop.abort();
    await expect(scanning).rejects.toThrow();
  });
});
