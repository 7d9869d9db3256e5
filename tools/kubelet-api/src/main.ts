// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { parseOptions, usage, type UpdateOptions } from './options.ts';
import { update } from './update.ts';
import { UpdateError } from './update-error.ts';

const root = join(import.meta.dirname, '../../..');

const parsed = parseOptions(process.argv.slice(2));
if ('problem' in parsed) {
  console.error(`kubelet-api:update: ${parsed.problem}\nnpm run kubelet-api:update -- --help lists the options.`);
  process.exitCode = 2;
} else if (parsed.options.help) {
  process.stdout.write(usage);
} else {
  process.exitCode = await run(parsed.options);
}

/** The exit status, as {@link usage} tells them. */
async function run(options: UpdateOptions): Promise<number> {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      stop.abort();
    });
  }
  try {
    await update(options, root, (line) => console.log(line), stop.signal);
    return 0;
  } catch (error) {
    if (error === stop.signal.reason) return 130;
    if (!(error instanceof UpdateError)) throw error;
    console.error(`kubelet-api:update: ${error.message}`);
    return 1;
  }
}
