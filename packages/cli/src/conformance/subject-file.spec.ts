// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { DevicePluginError } from '@kube-device-plugins/core';
import { describe, expect, it } from 'vitest';
import { parseSubject, readSubject } from './subject-file.ts';

describe('parseSubject()', () => {
  it('takes what is there', () => {
    const subject = {
      command: ['plugin', '{dir}'],
      fatalCommand: ['plugin'],
      badNameCommand: ['plugin', '--bad'],
      watcherCommand: ['plugin', '--watch'],
      paths: { ready: '/ready' },
      env: { A: '1' },
      resources: ['a.b/c'],
      budgets: { idleMs: 1, registerDeadlineMs: { min: 1, max: 2.5 } },
    };
    expect(parseSubject(JSON.stringify(subject), 's.json')).toEqual(subject);
    expect(parseSubject('{}', 's.json')).toEqual({});
  });

  it.each([
    ['{', 's.json is no JSON'],
    ['[]', 's.json has to be a mapping'],
    ['{"comand": []}', 's.json: comand is none of command'],
    ['{"command": []}', 's.json: command has to be a list of at least one text'],
    ['{"command": ["a", 1]}', 's.json: command has to be a list'],
    ['{"env": {"A": 1}}', 's.json: env.A has to be a text'],
    ['{"paths": {"health": "/"}}', 's.json: paths.health is none of ready, metrics'],
    ['{"hooks": {"unplug": ["a"]}}', 's.json: hooks.unplug is none of prepare'],
    ['{"hooks": {"add": "a"}}', 's.json: hooks.add has to be a list'],
    ['{"hooks": {"add": ["a", "{dri}"]}}', 's.json: hooks.add: {dri} is no placeholder; there are {dir}'],
    ['{"budgets": null}', 's.json: budgets has to be a mapping'],
    ['{"budgets": {"idle": 1}}', 's.json: budgets.idle is none of registerMs, firstListMs'],
    ['{"budgets": {"toString": 1}}', 's.json: budgets.toString is none of registerMs'],
    ['{"budgets": {"idleMs": "7s"}}', 's.json: budgets.idleMs has to be a number of milliseconds above 0'],
    ['{"budgets": {"idleMs": 0}}', 's.json: budgets.idleMs has to be a number'],
    ['{"budgets": {"idleMs": 2147483648}}', 's.json: budgets.idleMs has to be a number'],
    ['{"budgets": {"registerDeadlineMs": 5}}', 's.json: budgets.registerDeadlineMs has to be a mapping'],
    ['{"budgets": {"registerDeadlineMs": {"min": 5}}}', 's.json: budgets.registerDeadlineMs.max has to be a number'],
    ['{"budgets": {"registerDeadlineMs": {"min": 5, "max": 4}}}', 's.json: budgets.registerDeadlineMs.max is below'],
    [
      '{"budgets": {"registerDeadlineMs": {"least": 5}}}',
      's.json: budgets.registerDeadlineMs.least is none of min, max',
    ],
  ])('refuses %j: %s', (text, message) => {
    expect(() => parseSubject(text, 's.json')).toThrow(message);
  });

  it('throws nothing but errors of its own', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.object().map((value) => JSON.stringify(value)),
        ),
        (text) => {
          try {
            parseSubject(text, 's.json');
          } catch (error) {
            expect(error).toBeInstanceOf(DevicePluginError);
          }
        },
      ),
    );
  });

  it('makes hooks of commands, which get ids and counts as they are', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'kdp-'));
    try {
      const script = join(dir, 'hook.mjs');
      await writeFile(
        script,
        "import { writeFileSync } from 'node:fs'; writeFileSync(process.argv[2], process.argv.slice(3).join('|'));",
      );
      const hook = [process.execPath, script, '{inventory}', '{id}', '{prefix}'];
      const { hooks } = parseSubject(
        JSON.stringify({
          hooks: { prepare: hook, populate: hook.map((word) => word.replace('{id}', '{count}')), remove: hook },
        }),
        's.json',
      );
      const others = { podresources: '/r', registry: '/w', port: '0' };
      const place = { dir, cdi: dir, prefix: '/p', inventory: join(dir, 'out'), ...others };
      const output = async (): Promise<string> => await readFile(place.inventory, 'utf8');
      await hooks?.prepare?.(place);
      expect(await output()).toBe('|/p');
      await hooks?.populate?.(place, 5);
      expect(await output()).toBe('5|/p');
      await hooks?.remove?.(place, '$& {id}; x');
      expect(await output()).toBe('$& {id}; x|/p');
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});

describe('readSubject()', () => {
  it('reads a file', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'kdp-'));
    try {
      await writeFile(join(dir, 's.json'), '{"resources": ["a/b"]}');
      expect(await readSubject(join(dir, 's.json'))).toEqual({ resources: ['a/b'] });
      await expect(readSubject(dir)).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        message: `${dir} cannot be read`,
      });
      const missing = readSubject(join(dir, 'none'));
      await expect(missing).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: `${dir}/none does not exist` });
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});
