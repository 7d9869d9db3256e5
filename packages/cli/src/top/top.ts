// SPDX-License-Identifier: Apache-2.0
import { setTimeout } from 'node:timers/promises';
import { messageOf, type Status } from '@kube-device-plugins/core';
import { choosePaint, plain, Screen } from '@kube-device-plugins/terminal';
import type { CliContext } from '../cli-context.ts';
import { readStatus } from './read-status.ts';
import { topLines, topScreen, type TopView } from './top-lines.ts';

/** What `kdp top` was told. */
export interface TopOptions {
  readonly address: string;
  readonly podResources?: string;
  /** Milliseconds. */
  readonly interval: number;
  readonly once?: boolean;
  readonly output: 'table' | 'json';
}

/**
 * Shows the status of a plugin again and again, until a key or a signal ends that; a plugin that does not answer is waited for.
 *
 * @throws DevicePluginError `RPC_FAILED` when it is to look once and there is no answer.
 */
export async function top(options: TopOptions, context: CliContext): Promise<void> {
  const { print, signal } = context;
  if (options.once === true)
    print(textOf({ address: options.address, status: await readStatus(options, signal) }, options));
  else if (context.terminal === undefined || options.output === 'json') await printAgainAndAgain(options, context);
  else await drawAgainAndAgain(options, context, context.terminal);
  signal.throwIfAborted();
}

function textOf(view: TopView, { output }: TopOptions): string {
  if (output === 'json') return `${JSON.stringify(view.status)}\n`;
  return topLines(view, Infinity, plain)
    .map((line) => `${line}\n`)
    .join('');
}

/** For files and pipes: the whole text each time, and each kind of failure once. */
async function printAgainAndAgain(options: TopOptions, { print, printError, signal }: CliContext): Promise<void> {
  let told: string | undefined;
  await lookAgainAndAgain(options, signal, (status, problem) => {
    if (status !== undefined && problem === undefined)
      print(`${textOf({ ...options, status }, options)}${options.output === 'json' ? '' : '\n'}`);
    if (problem !== undefined && problem !== told) printError(`trying again: ${problem}\n`);
    told = problem;
  });
}

async function drawAgainAndAgain(
  options: TopOptions,
  { print, env, signal, onKeys, onResize }: CliContext,
  terminal: NonNullable<CliContext['terminal']>,
): Promise<void> {
  const ended = new AbortController();
  const { address } = options;
  const paint = choosePaint(true, env);
  const screen = new Screen({
    get columns() {
      return terminal.columns();
    },
    get rows() {
      return terminal.rows();
    },
    write: print,
  });
  let view: TopView = { address, status: undefined };
  const draw = (): void => screen.draw(topScreen(view, screen.size, paint));
  try {
    screen.open();
    draw();
    onResize?.(() => {
      screen.clear();
      draw();
    }, ended.signal);
    onKeys?.((keys) => {
      if (quitKeys.some((key) => keys.includes(key))) ended.abort();
    }, ended.signal);
    await lookAgainAndAgain(options, AbortSignal.any([signal, ended.signal]), (status, problem) => {
      view = { address, status: status ?? view.status, ...(problem !== undefined && { problem }) };
      draw();
    });
  } finally {
    ended.abort();
    screen.close();
  }
}

/** In raw mode Ctrl-C and Ctrl-D are keys too. */
const quitKeys = ['q', 'Q', '\x03', '\x04'];

/** Calls `show` after each look with what came of it; until `signal` aborts. */
async function lookAgainAndAgain(
  options: TopOptions,
  signal: AbortSignal,
  show: (status: Status | undefined, problem: string | undefined) => void,
): Promise<void> {
  while (!signal.aborted) {
    const [status, problem] = await readStatus(options, signal).then(
      (found) => [found, undefined] as const,
      (error: unknown) => [undefined, messageOf(error)] as const,
    );
    // What fails because it is to end is no problem.
    if (!isAborted(signal)) show(status, problem);
    // Without a terminal nothing else keeps the process alive between two looks, and the core's pause() does not.
    await setTimeout(options.interval, undefined, { signal }).catch(() => undefined);
  }
}

/** It changes while one waits, which the compiler does not know. */
function isAborted({ aborted }: AbortSignal): boolean {
  return aborted;
}
