// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:os';
import { messageOf } from '@kube-device-plugins/core';
import { defaultDevicePluginPath } from '@kube-device-plugins/core/kubelet-api';
import { parseOptions, usage, type StartOptions } from './options.ts';
import { untilReaderGone } from './reader-gone.ts';
import { start } from './start.ts';
import { StartError } from './start-error.ts';

const defaults = {
  kubeletDirectory: defaultDevicePluginPath,
  plugin: 'simple-plugin',
};

const watchPeriodMs = 1_000;

const parsed = parseOptions(process.argv.slice(2), defaults);
if ('problem' in parsed) {
  process.stderr.write(`npm start: ${parsed.problem}\nnpm start -- --help lists the options.\n`);
  process.exitCode = 2;
} else if (parsed.options.help) {
  process.stdout.write(usage(defaults));
} else {
  process.exitCode = await run(parsed.options);
}

/** The exit status, as {@link usage} tells them. */
async function run(options: StartOptions): Promise<number> {
  const stopping = new AbortController();
  let interruptedStatus = 0;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // Stays for good: a second signal finds everything on its way out already.
    process.on(name, () => {
      if (options.once) interruptedStatus = 128 + constants.signals[name];
      stopping.abort();
    });
  }
  // A signal to npm ends npm and its shell, which passes nothing on to us.
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid !== parent) stopping.abort();
  }, watchPeriodMs);
  // A reader that has gone (head, a closed terminal) is no failure, but the end of what there is to do.
  process.stdout.on('error', () => stopping.abort());
  void untilReaderGone('/proc/self/fd/1', watchPeriodMs, stopping.signal).then(() => stopping.abort());
  try {
    await start(options, process, stopping.signal);
    return 0;
  } catch (error) {
    if (error === stopping.signal.reason) return interruptedStatus;
    process.stderr.write(`npm start: ${error instanceof StartError ? error.message : describe(error)}\n`);
    return 1;
  } finally {
    clearInterval(watch);
  }
}

/** What nobody has foreseen is shown whole. */
function describe(error: unknown): string {
  return error instanceof Error && error.stack !== undefined ? error.stack : messageOf(error);
}
