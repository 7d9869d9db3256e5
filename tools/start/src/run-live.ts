// SPDX-License-Identifier: Apache-2.0
import { parseKeys } from './keys.ts';
import { LiveTable, type LiveTableStyle } from './live-table.ts';
import { Screen, type TerminalOutput, throttle } from '@kube-device-plugins/terminal';
import type { Session } from './session.ts';

/** What is needed of `process.stdin`, when it is a terminal. */
export interface TerminalInput {
  setRawMode(isRaw: boolean): unknown;
  on(event: 'data', listener: (data: Buffer) => void): unknown;
  on(event: 'end' | 'error', listener: () => void): unknown;
  pause(): unknown;
}

/** A terminal with a person in front of it. */
export interface Terminal {
  /** Undefined when it cannot be read from. */
  readonly input: TerminalInput | undefined;
  readonly output: TerminalOutput & {
    on(event: 'resize', listener: () => void): unknown;
    off(event: 'resize', listener: () => void): unknown;
  };
}

/** Shows the live table until the person ends it, or `signal` aborts; the terminal is as before when this settles. */
export async function runLive(
  session: Session,
  { input, output }: Terminal,
  style: Omit<LiveTableStyle, 'hasKeys'>,
  signal: AbortSignal,
): Promise<void> {
  const screen = new Screen(output);
  const table = new LiveTable(session, screen, { ...style, hasKeys: input !== undefined });
  const redraw = throttle(() => table.draw(), redrawPeriodMs);
  const { promise: quit, resolve } = Promise.withResolvers<undefined>();
  const resized = (): void => {
    screen.clear();
    redraw();
  };

  using stack = new DisposableStack();
  stack.adopt(setInterval(redraw, clockPeriodMs), clearInterval);
  stack.defer(session.board.subscribe(redraw));
  stack.defer(() => redraw.cancel());
  output.on('resize', resized);
  stack.defer(() => output.off('resize', resized));
  stack.defer(() => screen.close());
  if (input !== undefined) stack.defer(readKeys(input, table, redraw, () => resolve(undefined)));
  signal.addEventListener('abort', () => resolve(undefined), { once: true });
  if (signal.aborted) return;
  screen.open();
  redraw();
  await quit;
}

/** Ten times a second is as much as people can follow. */
const redrawPeriodMs = 100;
/** The heading shows the seconds since the start. */
const clockPeriodMs = 1_000;

/** Returns what ends the reading. In raw mode Ctrl-C is a key and no signal; a terminal that goes away ends the input, or fails it. */
function readKeys(input: TerminalInput, table: LiveTable, redraw: () => void, quit: () => void): () => void {
  input.setRawMode(true);
  input.on('end', quit);
  input.on('error', quit);
  input.on('data', (data) => {
    for (const action of parseKeys(data.toString())) {
      if (action === 'quit') quit();
      else void table.act(action).then(redraw);
    }
  });
  return () => {
    input.setRawMode(false);
    input.pause();
  };
}
