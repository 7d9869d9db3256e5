// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '@kube-device-plugins/core';
import type { InventoryHooks } from '@kube-device-plugins/testkit';
import { commandHooks, hookNames } from './subject-hooks.ts';

/**
 * The hooks of `--hook name=command`. Words are parted by spaces; what is in quotes, single or double, is one word. No shell is
 * involved, and nothing but quotes is special.
 *
 * @throws DevicePluginError `FLAG_INVALID`, or `CONFIG_INVALID` for a command that is none.
 */
export function hooksOfFlags(flags: readonly string[]): InventoryHooks {
  const entries = flags.map((flag) => {
    const [, name = '', text = ''] = /^(\w+)=(.*)$/s.exec(flag) ?? [];
    if (name === '')
      throw new DevicePluginError(
        'FLAG_INVALID',
        `--hook ${flag}: write name=command, with a name of ${hookNames.join(', ')}`,
      );
    return [name, wordsOf(text)] as const;
  });
  return commandHooks(Object.fromEntries(entries), '--hook');
}

/** @throws DevicePluginError `FLAG_INVALID` when a quote is not closed. */
export function wordsOf(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (const character of text) {
    if (character === quote) quote = '';
    else if (quote !== '') word = (word ?? '') + character;
    else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (character !== ' ') word = (word ?? '') + character;
    else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  if (quote !== '') throw new DevicePluginError('FLAG_INVALID', `--hook: a ${quote} in ${text} is not closed`);
  return word === undefined ? words : [...words, word];
}
