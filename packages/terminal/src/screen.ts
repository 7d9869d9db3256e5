// SPDX-License-Identifier: Apache-2.0

/** Width and height in characters. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** What a {@link Screen} needs of `process.stdout`. */
export interface TerminalOutput {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

/**
 * The terminal's alternate screen, drawn line by line and only where a line differs from what is there.
 * Source of the sequences: ECMA-48 and xterm's ctlseqs (DECSET 25 cursor, 1049 alternate screen).
 */
export class Screen {
  readonly #output: TerminalOutput;
  #shown: readonly string[] = [];
  #isOpen = false;

  constructor(output: TerminalOutput) {
    this.#output = output;
  }

  /** Some terminals (a serial line, for one) do not know their size: then it is the classic one. */
  get size(): Size {
    return { columns: this.#output.columns || 80, rows: this.#output.rows || 24 };
  }

  open(): void {
    this.#isOpen = true;
    this.#output.write('\x1b[?1049h\x1b[?25l');
    this.clear();
  }

  /** Forgets what is there, as after a change of size: terminals then wrap and cut as they like. */
  clear(): void {
    this.#shown = [];
    if (this.#isOpen) this.#output.write('\x1b[2J');
  }

  draw(lines: readonly string[]): void {
    if (!this.#isOpen) return;
    const last = Math.max(lines.length, this.#shown.length);
    let changes = '';
    for (let row = 0; row < last; row += 1) {
      const line = lines[row] ?? '';
      if (line !== (this.#shown[row] ?? '')) changes += `\x1b[${row + 1};1H${line}\x1b[K`;
    }
    this.#shown = [...lines];
    if (changes !== '') this.#output.write(changes);
  }

  /** Gives the terminal back as it was; may be called twice. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#output.write('\x1b[?25h\x1b[?1049l');
  }
}
