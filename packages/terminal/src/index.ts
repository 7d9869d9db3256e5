// SPDX-License-Identifier: Apache-2.0
/** What `npm start` and `kdp top` draw on a terminal with. */
export { choosePaint, coloured, type Paint, plain, type Style } from './paint.ts';
export { cut, cutMiddle, printable } from './printable.ts';
export { Screen, type Size, type TerminalOutput } from './screen.ts';
export { textTable, type TableStyle } from './text-table.ts';
export { throttle, type Throttled } from './throttle.ts';
