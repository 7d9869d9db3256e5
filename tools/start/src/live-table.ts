// SPDX-License-Identifier: Apache-2.0
import { DemoPods } from './demo-pods.ts';
import { durationText, headingLine } from './heading.ts';
import type { KeyAction } from './keys.ts';
import type { Paint } from './paint.ts';
import type { Screen } from './screen.ts';
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
  #isRestarting = false;

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

  /** Does what a key asks for; `quit` is not its business. */
  async act(action: KeyAction): Promise<void> {
    switch (action) {
      case 'allocate':
        return this.#allocate();
      case 'delete':
        if (this.#pods?.deleteLast() === false) this.#session.board.note('there is no demo pod to delete');
        return;
      case 'restart':
        return this.#restart();
      case 'up':
        return this.#scroll(-1);
      case 'down':
        return this.#scroll(1);
      case 'pageUp':
        return this.#scroll(-pageRows);
      case 'pageDown':
        return this.#scroll(pageRows);
      case 'quit':
    }
  }

  async #allocate(): Promise<void> {
    try {
      if (this.#pods !== undefined && (await this.#pods.create()) === undefined) {
        this.#session.board.note('no device is free');
      }
    } catch {
      // The kubelet has refused the pod, which is an event of its own.
    }
  }

  async #restart(): Promise<void> {
    if (this.#isRestarting) return;
    this.#isRestarting = true;
    await this.#session.kubelet?.restart('graceful');
    this.#isRestarting = false;
  }

  #scroll(rows: number): void {
    const last = lastFirstRow(this.#view(), this.#screen.size);
    this.#firstRow = Math.min(Math.max(0, this.#firstRow + rows), last);
  }

  #view(): View {
    const { board, startedMs, kubelet } = this.#session;
    const { notices, hasKeys } = this.#style;
    return {
      heading: [`${headingLine(this.#session)}, up ${durationText(performance.now() - startedMs)}`, ...notices],
      rows: board.rows,
      events: board.events,
      startedMs,
      keys: keysLine(hasKeys, kubelet !== undefined),
      firstRow: this.#firstRow,
    };
  }
}

/** Without a kubelet of its own there is nothing to allocate from. */
function keysLine(hasKeys: boolean, isEmbedded: boolean): string {
  if (!hasKeys) return 'Ctrl-C quit';
  return isEmbedded ? 'a allocate a device   d delete the last pod   r restart the kubelet   q quit' : 'q quit';
}

const pageRows = 10;
