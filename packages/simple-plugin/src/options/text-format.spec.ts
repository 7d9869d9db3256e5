// SPDX-License-Identifier: Apache-2.0
import { ConfigValue } from '@kube-device-plugins/core/config';
import { describe, expect, it } from 'vitest';
import { checkSchema } from './schema.ts';
import { textFormats } from './text-format.ts';

describe('textFormats', () => {
  it('are what texts of a configuration are checked with', () => {
    const value = new ConfigValue('xyz');
    checkSchema(value, { type: 'string', format: 'usb-id' });
    expect(value.problems.map(({ reason }) => reason)).toEqual([
      '"xyz" is not a USB id of up to four hexadecimal digits',
    ]);
  });

  it.each(Object.entries(textFormats))('have no control character: %s', (_name, problemOf) => {
    expect(problemOf('a\u001b[2J')).toBe('has a control character');
  });
});
