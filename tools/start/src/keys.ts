// SPDX-License-Identifier: Apache-2.0

/** What a key asks for. */
export type KeyAction = 'allocate' | 'delete' | 'restart' | 'plug' | 'up' | 'down' | 'pageUp' | 'pageDown' | 'quit';

/** The actions in one chunk read from a terminal in raw mode; a paste or a fast typist puts several into one. */
export function parseKeys(input: string): KeyAction[] {
  return (input.match(keyPattern) ?? []).flatMap((key) => {
    const action = actions[key];
    return action === undefined ? [] : [action];
  });
}

/** A control sequence with its parameters counts as one key, so that the letter at its end is not taken for a key of ours. */
// eslint-disable-next-line no-control-regex -- keys are control characters
const keyPattern = /\x1b[[O][0-9;]*[\x40-\x7e]|[^]/g;

/** Source of the sequences: xterm's ctlseqs, normal and application cursor keys. */
const actions: Readonly<Record<string, KeyAction>> = {
  a: 'allocate',
  d: 'delete',
  r: 'restart',
  p: 'plug',
  q: 'quit',
  '\x03': 'quit',
  '\x04': 'quit',
  '\x1b[A': 'up',
  '\x1bOA': 'up',
  '\x1b[B': 'down',
  '\x1bOB': 'down',
  '\x1b[5~': 'pageUp',
  '\x1b[6~': 'pageDown',
};
