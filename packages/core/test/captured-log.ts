// SPDX-License-Identifier: Apache-2.0
import { defaultKlogSettings } from '../src/log/klog-settings.ts';
import { configureLog } from '../src/log/log.ts';

/** Takes the log of this process until the end of the test. */
export class CapturedLog implements Disposable {
  readonly lines: string[] = [];
  readonly #restore: () => void;

  constructor(v = 1) {
    const output = { write: (line: string) => void this.lines.push(line) };
    this.#restore = configureLog({ klog: { ...defaultKlogSettings, v }, output });
  }

  /** Lines that hold this text. */
  with(text: string): string[] {
    return this.lines.filter((line) => line.includes(text));
  }

  [Symbol.dispose](): void {
    this.#restore();
  }
}
