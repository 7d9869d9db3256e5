// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultDevicePluginPath, kubeletSocketName } from '@kube-device-plugins/core/kubelet-api';
import { hostKubeletLine } from './heading.ts';
import { findDeviceKinds } from './host-devices.ts';
import { kubeletAnswers } from './host-kubelet.ts';
import type { StartOptions } from './options.ts';
import type { Output } from './output.ts';
import { choosePaint } from '@kube-device-plugins/terminal';
import { namesResources } from './plugin-config.ts';
import { findPlugin } from './plugin-program.ts';
import { runLive, type Terminal, type TerminalInput } from './run-live.ts';
import { runOnce } from './run-once.ts';
import { runPlain } from './run-plain.ts';
import { runSession, type Session } from './session.ts';
import { StartError } from './start-error.ts';

/** The parts of the process that are used; `isTTY` tells which of them are terminals. */
export interface Surroundings {
  readonly stdin: TerminalInput & { readonly isTTY?: boolean };
  readonly stdout: Terminal['output'] & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Runs the plugin and shows it in the way that fits options and output. Resolves when it is done, or after `signal` aborts.
 *
 * @throws StartError with what to tell the person; with `--once` an abort rejects with the signal's reason.
 */
export async function start(options: StartOptions, surroundings: Surroundings, signal: AbortSignal): Promise<void> {
  const { once, pluginArguments } = options;
  const plugin = await findPlugin(options.plugin, workspace);
  const hostKubeletDirectory = options.kubelet ? await requireKubelet(options.kubeletDirectory) : undefined;
  const output = outputTo(surroundings, options.kubelet ? [] : await noticesOf(options.kubeletDirectory));
  const use = (session: Session, alive: AbortSignal): Promise<void> => {
    if (once) return runOnce(session, output, alive);
    return isLive(surroundings)
      ? runLive(session, terminalOf(surroundings), output, alive)
      : runPlain(session, output, alive);
  };
  const isDemonstration = plugin.isSimplePlugin && !namesResources(pluginArguments);
  const wantsSlot = isDemonstration && hasKeys(options, surroundings);
  const kinds = isDemonstration ? await findDeviceKinds() : undefined;
  await runSession({ plugin, pluginArguments, hostKubeletDirectory, wantsSlot, kinds }, use, signal);
  if (!once && isLive(surroundings))
    output.write(['Stopped: the plugin has ended, its sockets and files are removed.']);
}

const workspace = fileURLToPath(new URL('../../..', import.meta.url));

async function requireKubelet(directory: string): Promise<string> {
  if (await kubeletAnswers(directory)) return directory;
  throw new StartError(
    `no kubelet answers on ${join(directory, kubeletSocketName)}: start one (as a rule only root may connect to it), ` +
      'name its directory by --kubelet-dir, or leave --kubelet out to have the embedded one',
  );
}

async function noticesOf(directory: string): Promise<string[]> {
  if (!(await kubeletAnswers(directory))) return [];
  const flags = directory === defaultDevicePluginPath ? '--kubelet' : `--kubelet --kubelet-dir ${directory}`;
  return [hostKubeletLine(directory, flags)];
}

function outputTo({ stdout, env }: Surroundings, notices: readonly string[]): Output {
  const isTerminal = stdout.isTTY === true;
  return {
    write: (lines) => stdout.write(`${lines.join('\n')}\n`),
    columns: isTerminal ? stdout.columns || 80 : Infinity,
    paint: choosePaint(isTerminal, env),
    notices,
  };
}

function hasKeys({ once, kubelet }: StartOptions, surroundings: Surroundings): boolean {
  return !once && !kubelet && isLive(surroundings) && surroundings.stdin.isTTY === true;
}

/** A dumb terminal has no cursor to move (terminfo, dumb). */
function isLive({ stdout, env }: Surroundings): boolean {
  return stdout.isTTY === true && env.TERM !== 'dumb';
}

function terminalOf({ stdin, stdout }: Surroundings): Terminal {
  return { input: stdin.isTTY === true ? stdin : undefined, output: stdout };
}
