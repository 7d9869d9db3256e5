// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { bitstreamDirectory } from '../src/main/bitstreams/storage.ts';
import { parseContainerWishes } from '../src/main/crihook/container-wishes.ts';
import { toolCommands } from '../src/main/tool/tool-commands.ts';
import { ce48, f7df } from './fixtures/fpga-host.ts';

describe('docs/guides/program-fpga.md', () => {
  let guide: string;

  beforeAll(async () => {
    guide = await readFile(join(import.meta.dirname, '../../../docs/guides/program-fpga.md'), 'utf8');
  });

  it('has each command of fpga_tool once in its table, and no other', () => {
    const [, table = ''] = guide.split('## fpga_tool');
    const named = [...table.matchAll(/^\| (`.*?) +\|/gm)].flatMap(([, cell = '']) => cell.match(/[\w-]+/g) ?? []);
    expect(named.slice(0, Object.keys(toolCommands).length).sort()).toEqual(Object.keys(toolCommands).sort());
  });

  it('has a pod whose wishes the hook reads', () => {
    const [, text = ''] = /```yaml\n(.*?)```/s.exec(guide) ?? [];
    const pod = parse(text) as {
      spec: { containers: [{ env: { name: string; value: string }[]; resources: { limits: object } }] };
    };
    const [{ env, resources }] = pod.spec.containers;
    const config = {
      process: { env: env.map(({ name, value }) => `${name}=${value}`) },
      linux: { devices: [{ path: '/dev/dfl-port.0' }] },
    };
    const { regions } = parseContainerWishes(JSON.stringify(config));
    expect(regions).toEqual([{ number: 1, interfaceId: ce48, afuId: f7df }]);
    expect(resources.limits).toEqual({ [`fpga.intel.com/region-${ce48}`]: 1 });
  });

  it('names the directory of bitstreams', () => {
    expect(guide).toContain(`\`${bitstreamDirectory}/<interface id>/\``);
  });
});
