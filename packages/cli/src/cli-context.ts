// SPDX-License-Identifier: Apache-2.0

/** What commands have of the process they run in. */
export interface CliContext {
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** Aborts when the process is to end: a signal, or nobody reads what is printed. */
  readonly signal: AbortSignal;
  /** To standard output: results, and help that was asked for. */
  // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- a method, so that what takes only texts is one too; without this
  print(this: void, result: string | Uint8Array): void;
  /** To standard error: progress, warnings, what is wrong. */
  readonly printError: (text: string) => void;
  /** Size of the terminal that standard output is, in characters; undefined where it is none. */
  readonly terminal: { readonly columns: () => number; readonly rows: () => number } | undefined;
  /** Calls `listener` when that size changes, until `signal` aborts. */
  readonly onResize?: (listener: () => void, signal: AbortSignal) => void;
  /** Hands over what is typed, key by key and unseen, until `signal` aborts. There is none where standard input is no terminal. */
  readonly onKeys?: (listener: (keys: string) => void, signal: AbortSignal) => void;
}

/** Thrown by a command that has said what there is to say, and ends with an exit code other than 0. */
export class ExitWith extends Error {
  override readonly name = 'ExitWith';
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`exit with ${exitCode}`);
    this.exitCode = exitCode;
  }
}
