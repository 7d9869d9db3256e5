// SPDX-License-Identifier: Apache-2.0
import { EventEmitter } from 'node:events';
import { stripVTControlCharacters } from 'node:util';

/** The output end of a terminal, which understands what a Screen writes and keeps the lines that a person would see. */
export class FakeOutput extends EventEmitter {
  readonly isTTY = true;
  columns: number;
  rows: number;
  /** All that was written. */
  written = '';
  readonly #lines = new Map<number, string>();

  constructor(columns = 120, rows = 30) {
    super();
    this.columns = columns;
    this.rows = rows;
  }

  write(text: string): boolean {
    this.written += text;
    // eslint-disable-next-line no-control-regex -- they are what is written
    for (const [, clear, row, line = ''] of text.matchAll(/(\x1b\[2J)|\x1b\[(\d+);1H(.*?)\x1b\[K/g)) {
      if (clear !== undefined) this.#lines.clear();
      else this.#lines.set(Number(row), stripVTControlCharacters(line));
    }
    return true;
  }

  /** What a person sees. */
  get text(): string {
    const last = Math.max(0, ...this.#lines.keys());
    return Array.from({ length: last }, (_, index) => this.#lines.get(index + 1) ?? '').join('\n');
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    this.emit('resize');
  }
}

/** The input end. */
export class FakeInput extends EventEmitter {
  readonly isTTY = true;
  isRaw = false;
  isPaused = false;

  setRawMode(isRaw: boolean): this {
    this.isRaw = isRaw;
    return this;
  }

  pause(): this {
    this.isPaused = true;
    return this;
  }

  type(keys: string): void {
    this.emit('data', Buffer.from(keys));
  }
}
