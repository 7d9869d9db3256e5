// SPDX-License-Identifier: Apache-2.0
import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { TempDir } from '../../test/temp-dir.ts';
import type { FlagDefinitions } from '../cli/flag-definition.ts';
import { parsePluginFlags } from '../cli/plugin-flags.ts';
import type { PluginDefinition } from '../plugin-definition.ts';
import { hostedConfigPath, hostedSources, parseHostedFlags } from './hosted-config.ts';

const flags: FlagDefinitions = {
  count: { type: 'int', default: 1, usage: '' },
  kind: { type: 'string', default: '', usage: '' },
};
const definition = { name: 'red', namespace: 'a.b', flags } as PluginDefinition<FlagDefinitions>;

describe('hostedConfigPath()', () => {
  it('is the file beside the flags, or the one that they name, and never both', async () => {
    await using temp = await TempDir.create();
    const file = { path: temp.join('red.flags'), text: '-config /etc/x' };
    expect(hostedConfigPath(temp.path, 'red', file, '')).toBe('');
    expect(hostedConfigPath(temp.path, 'red', file, '/etc/x')).toBe('/etc/x');
    await writeFile(temp.join('red.yaml'), '');
    expect(hostedConfigPath(temp.path, 'red', file, '')).toBe(temp.join('red.yaml'));
    await writeFile(file.path, file.text);
    expect(() => hostedConfigPath(temp.path, 'red', file, '/etc/x')).toThrow(/red\.yaml: red has .*red\.flags as well/);
  });
});

describe('hostedSources()', () => {
  const parsed = parsePluginFlags('all', {}, [], {});
  if (parsed.kind !== 'run') throw new Error('the defaults are wrong');
  const file = { path: '/etc/red.flags', text: '-count=3\n-config /etc/red.yaml\n' };
  const sources = hostedSources(definition, file, parsed.common);

  it('have flags of the flags file go before those of the configuration file', () => {
    const values = new Map<string, unknown>([
      ['count', 2],
      ['kind', 'blue'],
    ]);
    expect(sources.resolve(values)).toEqual({
      common: parsed.common,
      own: { count: 3, kind: 'blue' },
      klog: undefined,
      values: { count: 3, kind: 'blue' },
    });
    expect(parseHostedFlags(flags, file).config).toBe('/etc/red.yaml');
  });

  it('know where flags of all plugins belong', () => {
    expect(sources.elsewhere('v')).toContain('is a flag of all plugins');
    expect(sources.elsewhere('config')).toContain('is a flag of all plugins');
    expect(sources.elsewhere('kind')).toBeUndefined();
  });
});
