// SPDX-License-Identifier: Apache-2.0
import { styleText } from 'node:util';

/** The few styles in use; all of them belong to the 16 colours that every terminal has. */
export type Style = 'bold' | 'dim' | 'red' | 'green' | 'cyan';

/** Gives a text its colour. */
export type Paint = (style: Style, text: string) => string;

/** A {@link Paint} that leaves every text as it is. */
export const plain: Paint = (_style, text) => text;

/** A {@link Paint} that writes escape sequences. */
export const coloured: Paint = (style, text) => styleText(style, text, { validateStream: false });

/**
 * Colour only on a terminal that has it, and only when nobody objects.
 * Source: no-color.org (NO_COLOR, when not empty, switches colour off).
 */
export function choosePaint(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): Paint {
  const objected = (env.NO_COLOR ?? '') !== '' || env.TERM === 'dumb';
  return isTerminal && !objected ? coloured : plain;
}
