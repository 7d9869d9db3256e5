// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { SceneFixture } from '../../test/support/scene.ts';
import { defineCheck, ok, problem, warning, type Check } from './check.ts';
import { coreChecks } from './core-checks.ts';
import { examine } from './examine.ts';
import { codeOf } from './path-facts.ts';

const text = { id: 'x', what: 'what', why: 'why', remedy: 'usual remedy' };

function checkWith(read: () => Promise<Parameters<typeof ok>[0]>, judge = ok): Check {
  return defineCheck({ ...text, read, judge });
}

async function findingsOf(checks: readonly Check[], timeoutMs = 10_000) {
  await using node = await SceneFixture.create({});
  return await examine(checks, node.scene, timeoutMs, new AbortController().signal);
}

describe('examine()', () => {
  it('gives a remedy where there is something to mend, the more exact one where there is one', async () => {
    const done = (): Promise<string> => Promise.resolve('found');
    const exact = (found: string) => problem(found, 'exact remedy');
    const findings = await findingsOf([checkWith(done), checkWith(done, warning), checkWith(done, exact)]);
    expect(findings).toEqual([
      { id: 'x', what: 'what', why: 'why', state: 'ok', found: 'found' },
      { id: 'x', what: 'what', why: 'why', state: 'warning', found: 'found', remedy: 'usual remedy' },
      { id: 'x', what: 'what', why: 'why', state: 'problem', found: 'found', remedy: 'exact remedy' },
    ]);
  });

  it('names the plugin in a remedy, where there is one', async () => {
    await using node = await SceneFixture.create({}, { plugin: 'gpu-plugin' });
    const check = checkWith(
      () => Promise.resolve('found'),
      (found) => problem(found, 'apply $PLUGIN'),
    );
    expect(await node.find(check)).toMatchObject({ remedy: 'apply gpu-plugin' });
    expect(await findingsOf([check])).toMatchObject([{ remedy: 'apply $PLUGIN' }]);
  });

  it('does not know what fails or takes too long, and waits for neither', async () => {
    const [failing, hanging] = await findingsOf(
      [
        checkWith(() => Promise.reject(new Error('no such luck'))),
        checkWith(() => Promise.withResolvers<string>().promise),
      ],
      50,
    );
    expect(failing).toMatchObject({ state: 'unknown', found: 'no such luck' });
    expect(hanging).toMatchObject({ state: 'unknown', found: 'no answer within 0.05 s' });
  });

  it('tells the checks when nobody waits for them any more', async () => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const slow: Check = {
      ...text,
      examine: (_scene, signal) => {
        signal.addEventListener('abort', () => resolve(true));
        return Promise.withResolvers<never>().promise;
      },
    };
    await findingsOf([slow], 10);
    await expect(promise).resolves.toBe(true);
  });

  it('finds no two checks of one name', () => {
    const ids = coreChecks.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('codeOf()', () => {
  it.each([
    ['EACCES', Object.assign(new Error('x'), { code: 'EACCES' })],
    ['EIO', new Error('outer', { cause: Object.assign(new Error('x'), { code: 'EIO' }) })],
    ['words', new Error('outer', { cause: new Error('words') })],
    ['thrown', 'thrown'],
  ])('is %s', (code, error) => {
    expect(codeOf(error)).toBe(code);
  });
});
