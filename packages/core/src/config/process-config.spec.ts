// SPDX-License-Identifier: Apache-2.0
import { rename, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { CapturedLog } from '../../test/captured-log.ts';
import { TempDir } from '../../test/temp-dir.ts';
import { hostedFlags } from '../cli/hosted-flags.ts';
import { log } from '../log/log.ts';
import { requestRescan } from '../scan/rescan.ts';
import { processSources } from './plugin-config.ts';
import { openProcessConfig } from './process-config.ts';

const program = { name: 'all', flags: hostedFlags(['gpu', 'qat']) };

describe('openProcessConfig()', () => {
  it('has -v count at once, and names what waits for the next start', async () => {
    await using temp = await TempDir.create();
    using captured = new CapturedLog(0);
    const publish = async (text: string): Promise<void> => {
      await writeFile(temp.join('new'), text);
      await rename(temp.join('new'), temp.join('all.yaml'));
      requestRescan();
    };
    await publish('plugins: gpu\nv: 1\n');
    const sources = processSources(program, ['-cdi-dir=/cdi'], {});
    const { settings, follow } = await openProcessConfig(temp.join('all.yaml'), sources);
    expect(settings).toMatchObject({ own: { plugins: ['gpu'] }, klog: { v: 1 }, common: { cdiDir: '/cdi' } });
    const stop = new AbortController();
    const following = follow(stop.signal);
    expect(log.v(2).enabled).toBe(false);
    await publish('plugins: gpu,qat\nv: 2\ncdi-dir: /other\n');
    await expect.poll(() => log.v(2).enabled).toBe(true);
    expect(captured.with('restart the plugin')[0]).toContain('flags=["-plugins"]');
    await publish('maintenance: []\n');
    await expect
      .poll(() => captured.with('the last good one stays')[0])
      .toContain('maintenance: is about devices of one');
    stop.abort();
    await following;
  });
});
