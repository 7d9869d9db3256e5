// SPDX-License-Identifier: Apache-2.0

/** Markup that is safe to send. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

/** What {@link html} takes: markup stays, anything else is text. */
export type HtmlValue = Html | string | number | undefined | readonly HtmlValue[];

/** A template whose values are escaped, in text and in attributes with quotes around them. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(parts.map((part, index) => part + markupOf(values[index])).join(''));
}

function markupOf(value: HtmlValue): string {
  if (value instanceof Html) return value.markup;
  if (value === undefined) return '';
  return typeof value === 'object' ? value.map(markupOf).join('') : escaped(String(value));
}

/** Characters that a page must not hold, or that would change the direction of what follows, are shown as `�`. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]/gu, '\ufffd')
    .replaceAll(/[&<>"'`=]/g, (character) => `&#${character.charCodeAt(0)};`);
}
