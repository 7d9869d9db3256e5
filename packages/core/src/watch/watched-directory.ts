// SPDX-License-Identifier: Apache-2.0
import { basename, relative, sep } from 'node:path';
import { isErrno } from '../errors.ts';
import { log } from '../log/log.ts';
import { boundToScope } from '../plugin-scope.ts';
import { isSameDirectory, nearestDirectory, type ExistingDirectory } from './nearest-directory.ts';
import { NoiseGate } from './noise-gate.ts';
import { openRawWatch, type RawWatchHandler } from './raw-watch.ts';

/** What happened in a watched directory. */
export interface DirectoryEvent {
  /** `rename`: an entry came or went; `change`: one was written to; `armed`: the watch stands from now on, look again. */
  readonly kind: 'rename' | 'change' | 'armed';
  readonly name: string | undefined;
}

/** How much a watch puts up with. */
export interface WatchLimits {
  /** A watched /dev raises an event for each write that any program of the host makes to /dev/null. */
  readonly maxEventsPerSecond: number;
  /** Milliseconds without a watch after more than that, or after one was refused. */
  readonly restMs: number;
}

/**
 * The watch of one path, on the directory there or, while there is none, on the nearest one above it, for all who listen.
 *
 * inotify watches an inode: it is silent for ever when the directory is deleted and made again, as /dev/dri is when the
 * last GPU goes. So the watch moves whenever something happens on the way to the path.
 */
export class WatchedDirectory implements RawWatchHandler {
  readonly path: string;
  readonly #limits: WatchLimits;
  readonly #gate: NoiseGate;
  readonly #listeners = new Set<(event: DirectoryEvent) => void>();
  /** The directory under watch, and what ends that watch. */
  #directory: ExistingDirectory | undefined;
  #watch = new AbortController();
  #isMoving = false;
  #checkAgain = false;
  #rest: NodeJS.Timeout | undefined;
  #isNoiseReported = false;

  constructor(path: string, limits: WatchLimits = { maxEventsPerSecond: 1_000, restMs: 30_000 }) {
    this.path = path;
    this.#limits = limits;
    this.#gate = new NoiseGate(limits.maxEventsPerSecond);
  }

  /** True when nobody listens any more: all is closed, and a new object is needed to watch again. */
  get isClosed(): boolean {
    return this.#listeners.size === 0;
  }

  /** Adds a listener, the first of which starts the watch. Returns how to leave; the last one to do so ends the watch. */
  join(onChange: (event: DirectoryEvent) => void): () => void {
    const tell = boundToScope(onChange);
    const listener = (event: DirectoryEvent): void => {
      tell(event);
    };
    this.#listeners.add(listener);
    // A watch that stands already will not come to stand, but this listener has to look as well.
    if (this.#directory !== undefined) queueMicrotask(() => this.#tell(listener, armed));
    void this.check();
    return () => {
      this.#listeners.delete(listener);
      if (!this.isClosed) return;
      this.#close();
      clearTimeout(this.#rest);
    };
  }

  /** Moves the watch to the directory that has the path now, if it is on another one. Never rejects. */
  async check(): Promise<void> {
    this.#checkAgain = true;
    if (this.#isMoving) return;
    this.#isMoving = true;
    try {
      while (this.#checkAgain && !this.#isIdle()) {
        this.#checkAgain = false;
        await this.#move();
      }
    } catch (error) {
      this.#refused(error);
    }
    this.#isMoving = false;
  }

  async #move(): Promise<void> {
    const nearest = nearestDirectory(this.path);
    if (this.#isIdle() || isSameDirectory(nearest, this.#directory)) return;
    this.#close();
    this.#directory = nearest;
    await openRawWatch(nearest.path, this, this.#watch.signal);
    if (this.#isIdle()) return;
    this.#tellAll(armed);
    // The directory may have come or gone before the watch stood.
    this.#checkAgain = true;
  }

  onEvent(kind: 'rename' | 'change', name: string | undefined): void {
    if (this.#directory === undefined) return;
    if (this.#gate.isTooMuch(performance.now())) {
      this.#tooNoisy();
      return;
    }
    const watched = this.#directory.path;
    if (watched === this.path) this.#tellAll({ kind, name });
    if (kind === 'change') return;
    // Of its own end a directory tells with its own name, and may have a successor by now with the same inode.
    const isOwnEnd = name === basename(watched);
    if (isOwnEnd) this.#close();
    if (isOwnEnd || name === relative(watched, this.path).split(sep)[0]) void this.check();
  }

  onError(error: unknown): void {
    this.#refused(error);
  }

  #isIdle(): boolean {
    return this.isClosed || this.#rest !== undefined;
  }

  #close(): void {
    this.#watch.abort();
    this.#watch = new AbortController();
    this.#directory = undefined;
  }

  #tellAll(event: DirectoryEvent): void {
    [...this.#listeners].forEach((listener) => {
      this.#tell(listener, event);
    });
  }

  #tell(listener: (event: DirectoryEvent) => void, event: DirectoryEvent): void {
    if (this.#listeners.has(listener)) listener(event);
  }

  #tooNoisy(): void {
    if (!this.#isNoiseReported) {
      const { maxEventsPerSecond, restMs } = this.#limits;
      log.warn('directory is too noisy to be watched all the time', { path: this.path, maxEventsPerSecond, restMs });
    }
    this.#isNoiseReported = true;
    this.#takeRest();
  }

  #refused(error: unknown): void {
    if (this.#isIdle()) return;
    const [code, remedy] = remedyOf(error);
    if (!reportedRefusals.has(code))
      log.warn('cannot watch a directory, polling goes on', { path: this.path, error, remedy });
    reportedRefusals.add(code);
    this.#takeRest();
  }

  #takeRest(): void {
    this.#close();
    this.#rest = setTimeout(() => {
      this.#rest = undefined;
      void this.check();
    }, this.#limits.restMs).unref();
  }
}

const armed: DirectoryEvent = { kind: 'armed', name: undefined };

/** The kinds of refusal that are in the log already: the limits are those of the host, and every directory runs into them. */
const reportedRefusals = new Set<string>();

/** Source of the limits: inotify(7), /proc interfaces. */
function remedyOf(error: unknown): [code: string, remedy: string] {
  if (isErrno(error, 'EMFILE'))
    return ['EMFILE', 'raise fs.inotify.max_user_instances, or the open files of this process'];
  if (isErrno(error, 'ENOSPC')) return ['ENOSPC', 'raise fs.inotify.max_user_watches'];
  return [
    error instanceof Error && 'code' in error ? String(error.code) : String(error),
    'none is needed: changes take until the next scan to be seen',
  ];
}
