// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, messageOf, type ErrorCode } from '../errors.ts';
import { log } from '../log/log.ts';
import { currentTelemetry } from '../observe/telemetry.ts';
import { inScope, type PluginScope } from '../plugin-scope.ts';
import { childController, isSettled, pause } from '../serve/abortable.ts';
import { backoffMs } from '../serve/backoff.ts';
import { startGate } from '../watch/start-gate.ts';

/** Makes and serves a plugin until `signal` aborts; what would end a process of its own is a rejection. */
export type PluginLife = (signal: AbortSignal) => Promise<void>;

/**
 * Keeps one of several plugins of a process alive, as the kubelet does with processes: a life that ends is followed by another one
 * after a pause, which grows. Whatever goes wrong in it, also where nobody awaits it, is an end of this life and of no other plugin.
 *
 * @returns undefined once `signal` aborts; the error when no other life could be better. Never rejects.
 */
export async function supervise(name: string, live: PluginLife, signal: AbortSignal): Promise<Error | undefined> {
  return await inScope({ name, onStrayError: reportStray() }, async () => {
    const telemetry = currentTelemetry();
    for (let failures = 0; ;) {
      const startMs = performance.now();
      const error = await endOf(name, live, signal);
      if (signal.aborted) return undefined;
      telemetry.failures.add({});
      if (isForGood(error)) {
        telemetry.outage = `given up: ${messageOf(error)}`;
        log.error('the plugin is given up, the others go on', { error: shown(error) });
        return error;
      }
      failures = performance.now() - startMs < stableLifeMs ? failures + 1 : 1;
      const waitMs = Math.round(backoffMs(failures, restartBackoff, Math.random()));
      const nextStart = new Date(Date.now() + waitMs).toISOString();
      telemetry.outage = `ended, to be started again at ${nextStart}: ${messageOf(error)}`;
      log.error('the plugin ended and is started again, the others go on', { inMs: waitMs, error: shown(error) });
      await pause(waitMs, signal);
    }
  });
}

/** As kubelets restart containers, but sooner at first: a process is there already. Source: kubernetes.io, "Container restarts". */
const restartBackoff = { firstMs: 1_000, maxMs: 300_000 };

/** A plugin that ran for so long ended for a reason of its own. */
const stableLifeMs = 600_000;

/** Errors that are the same the next time: nothing is looked at again that could be another. */
const forGood: readonly ErrorCode[] = [
  'FLAG_INVALID',
  'RESOURCE_NAME_INVALID',
  'SOCKET_PATH_TOO_LONG',
  'PLUGIN_DIR_DELETED',
];

function isForGood(error: Error): boolean {
  return error instanceof DevicePluginError && forGood.includes(error.code);
}

/** An error of our own is a sentence; for any other its stack is where the search begins. */
function shown(error: Error): Error | string {
  return error instanceof DevicePluginError && error.code !== 'PLUGIN_ENDED' ? messageOf(error) : error;
}

/** Resolves with the reason for the end of one life, when all of it is over. */
async function endOf(name: string, live: PluginLife, signal: AbortSignal): Promise<Error> {
  const { promise: strayed, reject: stray } = Promise.withResolvers<never>();
  const reportLate = reportStray();
  let isOver = false;
  const scope: PluginScope = {
    name,
    onStrayError: (error) => {
      if (isOver || signal.aborted) reportLate(error);
      else stray(ended('nobody caught an error of the plugin', error));
    },
  };
  return await inScope(scope, async () => {
    const { controller, release } = childController(signal);
    currentTelemetry().restarted();
    startGate.shut(startPatienceMs);
    const life = Promise.try(live, controller.signal);
    try {
      await Promise.race([life, strayed]);
      return ended('the scan of the plugin returned');
    } catch (error) {
      return error instanceof Error ? error : ended('the plugin threw', error);
    } finally {
      isOver = true;
      controller.abort();
      release();
      startGate.open();
      if (!(await isSettled(life, endPatienceMs))) log.warn('the plugin does not end, going on without');
    }
  });
}

function ended(message: string, cause?: unknown): DevicePluginError {
  return new DevicePluginError('PLUGIN_ENDED', message, cause === undefined ? {} : { cause });
}

/** Tells of errors that come from what an ended plugin left behind: once, until there is another one. */
function reportStray(): (error: unknown) => void {
  let last: string | undefined;
  return (error) => {
    if (messageOf(error) !== last) log.warn('a plugin that has ended left an error behind', { error });
    last = messageOf(error);
  };
}

/** How long the start of a plugin may hold back what is loaded after it. */
const startPatienceMs = 1_000;

/** Calls in flight, streams and the scan may take 5 s each. */
const endPatienceMs = 20_000;
