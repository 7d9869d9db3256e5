// SPDX-License-Identifier: Apache-2.0
import { messageOf } from '@kube-device-plugins/core';
import { DemoPods } from './demo-pods.ts';
import { headingLine } from './heading.ts';
import type { KeyAction } from './keys.ts';
import type { Paint, Screen } from '@kube-device-plugins/terminal';
import type { Session } from './session.ts';
import { lastFirstRow, viewLines, type View } from './view.ts';

/** How a {@link LiveTable} looks. */
export interface LiveTableStyle {
  readonly paint: Paint;
  /** Lines below the heading. */
  readonly notices: readonly string[];
  /** Whether there are keys at all. */
  readonly hasKeys: boolean;
}

/** The table on the screen, and what its keys do. */
export class LiveTable {
  readonly #session: Session;
  readonly #screen: Screen;
  readonly #style: LiveTableStyle;
  readonly #pods: DemoPods | undefined;
  #firstRow = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(session: Session, screen: Screen, style: LiveTableStyle) {
    const { kubelet, board, resources } = session;
    this.#session = session;
    this.#screen = screen;
    this.#style = style;
    this.#pods = kubelet && new DemoPods(kubelet, board, resources);
  }

  draw(): void {
    this.#screen.draw(viewLines(this.#view(), this.#screen.size, this.#style.paint));
  }

  /** Does what a key asks for, after what the keys before asked for; `quit` is not its business. Never rejects. */
  act(action: KeyAction): Promise<void> {
    this.#last = this.#last
      .then(() => this.#actNow(action))
      .catch((error: unknown) => this.#session.board.note(`${action} failed: ${messageOf(error)}`, true));
    return this.#last;
  }

  async #actNow(action: KeyAction): Promise<void> {
    switch (action) {
      case 'allocate':
        return this.#allocate();
      case 'delete':
        if (this.#pods?.deleteLast() === false) this.#session.board.note('there is no demo pod to delete');
        return;
      case 'plug':
        await this.#session.slot?.toggle();
        return;
      case 'restart':
        return this.#session.kubelet?.restart('graceful');
      case 'up':
        this.#scroll(-1);
        return;
      case 'down':
        this.#scroll(1);
        return;
      case 'pageUp':
        this.#scroll(-pageRows);
        return;
      case 'pageDown':
        this.#scroll(pageRows);
        return;
      case 'quit':
    }
  }

  async #allocate(): Promise<void> {
    if (this.#pods !== undefined && (await this.#pods.create()) === undefined) {
      this.#session.board.note('no device is free');
    }
  }

  #scroll(rows: number): void {
    const last = lastFirstRow(this.#view(), this.#screen.size);
    this.#firstRow = Math.min(Math.max(0, this.#firstRow + rows), last);
  }

  #view(): View {
    const { board, startedMs } = this.#session;
    const { notices, hasKeys } = this.#style;
    return {
      heading: [headingLine(this.#session, performance.now() - startedMs), ...notices],
      rows: board.rows,
      events: board.events,
      warnings: board.warnings,
      startedMs,
      keys: keysLine(hasKeys, this.#session),
      firstRow: this.#firstRow,
    };
  }
}

/** Without a kubelet of our own there is nothing to allocate from. */
function keysLine(hasKeys: boolean, { kubelet, slot }: Session): string {
  const keys = [
    ...(kubelet === undefined ? [] : ['a allocate', 'd delete last pod', 'r restart kubelet']),
    ...(slot === undefined ? [] : ['p plug/unplug']),
    'q quit',
  ];
  return hasKeys ? keys.join('   ') : 'Ctrl-C quit';
}

const pageRows = 10;
