// SPDX-License-Identifier: Apache-2.0
// Loaded into the plugin's process before the plugin, by --import; JavaScript, for Node's own way with TypeScript would cost that process
// megabytes. It changes nothing but the time that Date tells, and that when asked: what shifts the clock of a real node shifts that,
// and neither timers nor performance.now(), which go by CLOCK_MONOTONIC.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const RealDate = Date;
let shiftMs = 0;

const shiftedNow = () => RealDate.now() + shiftMs;

/** @type {ProxyHandler<DateConstructor>} */
const shifted = {
  construct(target, args, newTarget) {
    const date = /** @type {unknown} */ (
      Reflect.construct(target, args.length === 0 ? [shiftedNow()] : args, newTarget)
    );
    return /** @type {Date} */ (date);
  },
  apply: () => new RealDate(shiftedNow()).toString(),
  get: (target, name, receiver) =>
    name === 'now' ? shiftedNow : /** @type {unknown} */ (Reflect.get(target, name, receiver)),
};
globalThis.Date = new Proxy(RealDate, shifted);

process.on('message', (/** @type {import('./probe-message.ts').ProbeRequest} */ request) => {
  if (request.ask === 'jump') shiftMs += request.byMs;
  else process.send?.(measure());
});

// Nothing of the soak keeps the plugin alive, and the plugin does not outlive the soak.
process.channel?.unref();
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));

/**
 * Garbage is collected the way core does it (core/src/memory.ts).
 *
 * @returns {import('./probe-message.ts').InsideView}
 */
function measure() {
  setFlagsFromString('--expose-gc');
  const gc = /** @type {NodeJS.GCFunction} */ (runInNewContext('gc'));
  gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  const { heapUsed, external } = process.memoryUsage();
  return { heapBytes: heapUsed + external, handles: process.getActiveResourcesInfo().length };
}
