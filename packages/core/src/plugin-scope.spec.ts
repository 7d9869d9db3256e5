// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { CapturedLog } from '../test/captured-log.ts';
import { log } from './log/log.ts';
import { boundToScope, currentScope, inScope, type PluginScope } from './plugin-scope.ts';

const scope = (name: string): PluginScope => ({ name, onStrayError: () => undefined });

describe('boundToScope()', () => {
  it('runs a callback for the plugin that bound it, whoever calls it', () => {
    const name = (suffix: string): string => `${currentScope()?.name ?? 'none'}${suffix}`;
    const ofA = inScope(scope('a'), () => boundToScope(name));
    expect(inScope(scope('b'), () => [ofA('!'), name('!')])).toEqual(['a!', 'b!']);
    expect([ofA('?'), name('?')]).toEqual(['a?', 'none?']);
  });

  it('leaves a callback of no plugin as it is', () => {
    const callback = (): void => undefined;
    expect(boundToScope(callback)).toBe(callback);
  });
});

describe('log', () => {
  it('names the plugin in each line of its code, and none in others', async () => {
    using captured = new CapturedLog();
    await inScope(scope('a'), async () => {
      log.info('one', { n: 1 });
      await new Promise((resolve) => setTimeout(resolve, 1));
      log.v(1).info('two');
    });
    log.info('three');
    expect(captured.lines.map((line) => line.slice(line.indexOf('] ') + 2).trim())).toEqual([
      '"one" plugin="a" n=1',
      '"two" plugin="a"',
      'three',
    ]);
  });
});
