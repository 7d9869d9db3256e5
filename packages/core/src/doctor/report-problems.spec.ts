// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { CapturedLog } from '../../test/captured-log.ts';
import { TempDir } from '../../test/temp-dir.ts';
import type { CommonOptions } from '../cli/common-flags.ts';
import type { FlagDefinitions } from '../cli/flag-definition.ts';
import { parsePluginFlags } from '../cli/plugin-flags.ts';
import type { PluginDefinition } from '../plugin-definition.ts';
import { defineCheck, problem, warning, type Check, type Verdict } from './check.ts';
import { reportProblems } from './report-problems.ts';

type Definition = PluginDefinition<FlagDefinitions>;

const text = { what: 'what', why: 'it matters', remedy: 'mend $PLUGIN' };

function check(id: string, judge: (found: string) => Verdict): Check {
  return defineCheck({ ...text, id, read: ({ host }) => Promise.resolve(host.path('/sys')), judge });
}

function plugin(name: string, doctor?: () => Promise<readonly Check[]>): Definition {
  const create = (): never => {
    throw new Error('not here');
  };
  return { name, namespace: `${name}.example.com`, flags: {}, create, ...(doctor && { doctor }) };
}

function options(...args: readonly string[]): CommonOptions {
  const parsed = parsePluginFlags('color-plugin', {}, args, {});
  if (parsed.kind !== 'run') throw new Error('wrong flags');
  return parsed.common;
}

describe('reportProblems()', () => {
  it("tells of the plugin's own problems behind those of any, and of no warning", async () => {
    await using temp = await TempDir.create();
    using log = new CapturedLog();
    const red = plugin('red-plugin', () => Promise.resolve([check('own', problem), check('lesser', warning)]));
    await reportProblems([red], options(`-device-plugin-path=${temp.join('no')}`, `-prefix=${temp.path}`));
    const ids = log.lines.map((line) => /^W.*"this may be why" check="([a-z-]+)"/.exec(line)?.[1]);
    expect(ids.at(0)).toBe('plugin-dir');
    expect(ids.at(-1)).toBe('own');
    expect(ids).not.toContain('lesser');
    expect(log.lines.at(-1)).toContain(`found="${temp.join('sys')}" why="it matters" remedy="mend red-plugin"`);
  });

  it('looks where the plugin watcher does when that is asked for', async () => {
    await using temp = await TempDir.create();
    using log = new CapturedLog();
    const watcher = ['-registration=watcher', `-plugins-registry-path=${temp.join('registry')}`];
    await reportProblems([plugin('red-plugin')], options(...watcher, `-device-plugin-path=${temp.path}`));
    expect(log.with('check="plugin-dir"')[0]).toContain(`${temp.join('registry')} is not there`);
  });

  it('goes on without the checks of a plugin that cannot be loaded, and names none of several', async () => {
    await using temp = await TempDir.create();
    using log = new CapturedLog();
    const broken = plugin('broken', () => Promise.reject(new Error('no such module')));
    const red = plugin('red-plugin', () => Promise.resolve([check('own', problem)]));
    await reportProblems([broken, red], options(`-device-plugin-path=${temp.path}`));
    expect(log.with('check="own"')).toEqual([expect.stringContaining('remedy="mend $PLUGIN"')]);
  });
});
