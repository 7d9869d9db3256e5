// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { Screen } from './screen.ts';

function terminal(columns?: number, rows?: number) {
  const written: string[] = [];
  return {
    written,
    ...(columns === undefined ? {} : { columns }),
    ...(rows === undefined ? {} : { rows }),
    write: (text: string) => written.push(text),
    /** What was written since the last call. */
    take: () => written.splice(0).join(''),
  };
}

describe('Screen', () => {
  it('takes the alternate screen, hides the cursor and gives both back, once', () => {
    const output = terminal();
    const screen = new Screen(output);
    screen.open();
    expect(output.take()).toBe('\x1b[?1049h\x1b[?25l\x1b[2J');
    screen.close();
    screen.close();
    expect(output.take()).toBe('\x1b[?25h\x1b[?1049l');
  });

  it('draws only the lines that differ', () => {
    const output = terminal();
    const screen = new Screen(output);
    screen.open();
    screen.draw(['one', 'two', 'three']);
    output.take();
    screen.draw(['one', '2', 'three']);
    expect(output.take()).toBe('\x1b[2;1H2\x1b[K');
    screen.draw(['one', '2', 'three']);
    expect(output.take()).toBe('');
  });

  it('empties the lines that are no longer there', () => {
    const output = terminal();
    const screen = new Screen(output);
    screen.open();
    screen.draw(['one', 'two', 'three']);
    output.take();
    screen.draw(['one']);
    expect(output.take()).toBe('\x1b[2;1H\x1b[K\x1b[3;1H\x1b[K');
  });

  it('draws everything again after it was cleared', () => {
    const output = terminal();
    const screen = new Screen(output);
    screen.open();
    screen.draw(['one']);
    output.take();
    screen.clear();
    screen.draw(['one']);
    expect(output.take()).toBe('\x1b[2J\x1b[1;1Hone\x1b[K');
  });

  it('writes nothing while it is closed', () => {
    const output = terminal();
    const screen = new Screen(output);
    screen.draw(['one']);
    screen.clear();
    screen.close();
    expect(output.take()).toBe('');
  });

  it.each([
    [undefined, undefined, { columns: 80, rows: 24 }],
    [0, 0, { columns: 80, rows: 24 }],
    [132, 50, { columns: 132, rows: 50 }],
  ])('has a size on a terminal that says %s × %s', (columns, rows, expected) => {
    expect(new Screen(terminal(columns, rows)).size).toEqual(expected);
  });
});
