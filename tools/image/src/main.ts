// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:os';
import { join } from 'node:path';
import { buildImages } from './build-images.ts';
import { readImageDefinitions } from './image-definition.ts';
import { ImageError } from './image-error.ts';
import { type Architecture, architectures, type ImageOptions, parseOptions, usage } from './options.ts';

const root = join(import.meta.dirname, '../../..');
const native = Object.entries(architectures).find(([, arch]) => arch === process.arch)?.[0] as Architecture | undefined;

const parsed = parseOptions(process.argv.slice(2), native ?? 'amd64');
if ('problem' in parsed) {
  process.exitCode = refuse(parsed.problem, 2);
} else if (parsed.options.help) {
  const definitions = await readImageDefinitions(root, 'all', ['plugin']);
  process.stdout.write(usage(definitions.map(({ plugin }) => plugin)));
} else {
  process.exitCode = await build(parsed.options);
}

/** The exit status, as {@link usage} tells them. */
async function build(options: ImageOptions): Promise<number> {
  const stopping = new AbortController();
  let interruptedStatus = 0;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      interruptedStatus = 128 + constants.signals[name];
      stopping.abort();
    });
  }
  try {
    if (native === undefined)
      throw new ImageError(`there are no images for this machine's processor (${process.arch})`);
    const place = { root, native, print: (line: string) => void process.stdout.write(`${line}\n`) };
    await buildImages(options, place, stopping.signal);
    return 0;
  } catch (error) {
    if (error === stopping.signal.reason) return interruptedStatus;
    return error instanceof ImageError ? refuse(error.message, error.exitCode) : refuse(describe(error), 1);
  }
}

/** Says why, and returns the exit status. */
function refuse(message: string, exitCode: 1 | 2): number {
  process.stderr.write(`npm run image: ${message}\n`);
  if (exitCode === 2) process.stderr.write('npm run image -- --help lists plugins and options.\n');
  return exitCode;
}

/** What nobody has foreseen is shown whole. */
function describe(error: unknown): string {
  return error instanceof Error && error.stack !== undefined ? error.stack : String(error);
}
