// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseOptions, usage } from './options.ts';

const defaults = { kubeletDirectory: '/var/lib/kubelet/device-plugins/', plugin: 'simple-plugin' };

describe('parseOptions()', () => {
  it('gives the defaults for an empty command line', () => {
    expect(parseOptions([], defaults)).toEqual({
      options: { ...defaults, help: false, once: false, kubelet: false, pluginArguments: [] },
    });
  });

  it.each([
    [['--help'], { help: true }],
    [['-h'], { help: true }],
    [['--once'], { once: true }],
    [['--kubelet'], { kubelet: true }],
    [['--kubelet-dir', '/d'], { kubeletDirectory: '/d' }],
    [['--kubelet-dir=/d'], { kubeletDirectory: '/d' }],
    [['--plugin', 'main.ts'], { plugin: 'main.ts' }],
    [
      ['--once', '--', '-v', '4', '--', '--help'],
      { once: true, help: false, pluginArguments: ['-v', '4', '--', '--help'] },
    ],
    [['--'], { pluginArguments: [] }],
  ])('understands %j', (args, expected) => {
    expect(parseOptions(args, defaults)).toMatchObject({ options: expected });
  });

  it.each([
    [['--nonsense'], '--nonsense'],
    [['-x'], '-x'],
    [['word'], 'word'],
    [['--plugin'], '--plugin'],
    [['--plugin', '--', 'x'], '--plugin'],
    [['--once=1'], '--once'],
    [['--once', '--kubelet'], 'embedded kubelet'],
  ])('objects to %j', (args, word) => {
    expect(parseOptions(args, defaults)).toEqual({ problem: expect.stringContaining(word) as unknown });
  });

  it('answers every command line, and never throws', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('--once', '--kubelet', '--plugin=', '--'))),
        (args) => {
          const parsed = parseOptions(args, defaults);
          expect('options' in parsed).not.toBe('problem' in parsed);
        },
      ),
    );
  });
});

describe('usage()', () => {
  it.each(['--once', '--kubelet ', '--kubelet-dir DIR', '--plugin PLUGIN', '--help', ...Object.values(defaults)])(
    'tells about %s',
    (word) => {
      expect(usage(defaults)).toContain(word);
    },
  );
});
