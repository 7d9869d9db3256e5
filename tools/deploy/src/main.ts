// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { deploy } from './deploy.ts';
import { DeployError } from './deploy-error.ts';
import { readDeploymentTrees } from './deployment-tree.ts';
import { parseOptions } from './options.ts';
import { usage } from './usage.ts';

const root = join(import.meta.dirname, '../../..');
const args = process.argv.slice(2);

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Nobody reads on, as in --dry-run | head.
  if (error.code === 'EPIPE') return;
  process.stderr.write(`npm run deploy: standard output cannot be written: ${error.message}\n`);
  process.exitCode = 1;
});

try {
  const options = parseOptions(args);
  if (options.help) {
    process.stdout.write(usage(await readDeploymentTrees(join(root, 'deployments'))));
  } else {
    await deploy(root, options, process.env, {
      objects: (text) => process.stdout.write(text),
      note: (line) => process.stderr.write(`${line}\n`),
    });
  }
} catch (error) {
  if (!(error instanceof DeployError)) throw error;
  process.stderr.write(`npm run ${args[0] ?? 'deploy'}: ${error.message}\n`);
  if (error.exitCode === 2) process.stderr.write('npm run deploy -- --help lists plugins and options.\n');
  process.exitCode = error.exitCode;
}
