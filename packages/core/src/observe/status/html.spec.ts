// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { html, type Html } from './html.ts';

describe('html``', () => {
  it('escapes text and keeps markup', () => {
    expect(
      html`<p title="${'"a"'}">${'<b>&'} ${1}${undefined}${html`<i>${'>'}</i>`}${['a', html`<br />`]}</p>`.markup,
    ).toBe('<p title="&#34;a&#34;">&#60;b&#62;&#38; 1<i>&#62;</i>a<br /></p>');
  });

  it.each(['\0', '\n', '\x1b', '\x7f', '\x85', '\u2028', '\u202e', '\u2066', '\ud800', '\uffff'])(
    'shows %j as a character that stands for none',
    (character) => {
      expect(html`${`a${character}b`}`.markup).toBe('a\ufffdb');
    },
  );

  it('lets no text become anything else, whatever it is', () => {
    const nasty = fc.constantFrom('<script>', '"', "'", '&', '&lt;', '`', '=', '</td>', '<!--', ']]>', '\u202e', '\0');
    fc.assert(
      fc.property(fc.array(fc.oneof(nasty, fc.string({ unit: 'binary' }))), (parts) => {
        const { markup } = html`${parts.join('')}`;
        expect(markup).not.toMatch(/[<>"'`=]|&(?!#\d+;)/);
        expect(markup.isWellFormed()).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it('takes markup from Html alone, not from what looks like it', () => {
    const fake = { markup: '<b>' } as unknown as Html;
    expect(() => html`${fake}`).toThrow(TypeError);
  });
});
