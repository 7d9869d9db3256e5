// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkSurroundings, SurroundingsError } from './check-surroundings.ts';
import { parseOptions, usage, type E2eOptions } from './options.ts';
import { readSettings } from './settings.ts';

const root = join(import.meta.dirname, '../../..');
const known = readdirSync(join(root, 'test/e2e'))
  .filter((name) => name.endsWith('.e2e.ts'))
  .map((name) => name.replace('.e2e.ts', ''));

process.exitCode = await main();

async function main(): Promise<number> {
  let options: E2eOptions;
  try {
    options = parseOptions(process.argv.slice(2), known, process.env);
  } catch (error) {
    console.error(`npm run e2e: ${error instanceof Error ? error.message : String(error)}`);
    console.error('npm run e2e -- --help lists the options.');
    return 2;
  }
  if (options.help) {
    console.log(usage(known));
    return 0;
  }
  try {
    for (const plugin of options.plugins) {
      await checkSurroundings(
        plugin,
        await readSettings(root, plugin, { ...process.env, ...options.env }),
        process.env,
      );
    }
  } catch (error) {
    if (!(error instanceof SurroundingsError)) throw error;
    console.error(`npm run e2e: ${error.message}`);
    return error.exitCode;
  }
  return await runTests(options);
}

/** One plugin after the other, so that each has the cluster for itself. */
async function runTests({ plugins, env }: E2eOptions): Promise<number> {
  const files = plugins.map((plugin) => `test/e2e/${plugin}.e2e.ts`);
  const args = [
    join(root, 'node_modules/.bin/vitest'),
    'run',
    '--project',
    'repository',
    '--no-file-parallelism',
    ...files,
  ];
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => child.kill(name));
  const [code] = (await once(child, 'close')) as [number | null];
  return code === 0 ? 0 : 1;
}
