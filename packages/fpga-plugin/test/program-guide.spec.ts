// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
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

  it('has an example of mappings that runs', async () => {
    const examples = [...guide.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code);
    expect(examples).toHaveLength(1);
    // In the package, so that imports resolve as for a user of it.
    const directory = await mkdtemp(join(import.meta.dirname, '../.example-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    await writeFile(join(directory, 'example.ts'), examples.join(''));
    await promisify(execFile)(process.execPath, ['example.ts'], { cwd: directory, timeout: 30_000 });
  });

  it('names the directory of bitstreams', () => {
    expect(guide).toContain(`\`${bitstreamDirectory}/<interface id>/\``);
  });
});
