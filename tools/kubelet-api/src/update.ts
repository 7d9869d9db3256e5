// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { checkContract } from './check-contract.ts';
import { checkNothingLost } from './check-nothing-lost.ts';
import { describeChange, difference, isBreaking, type Change } from './difference.ts';
import type { UpdateOptions } from './options.ts';
import { printProto } from './print-proto.ts';
import { describeProto, readProto } from './read-contract.ts';
import { recordRelease } from './release-record.ts';
import { Snapshot } from './snapshot.ts';
import { manifestTests, schemaPackage, steps, type Step } from './steps.ts';
import { toContract } from './to-contract.ts';
import { UpdateError } from './update-error.ts';
import { withComments } from './with-comments.ts';

const contractFile = 'packages/core/proto/deviceplugin.proto';
const page = 'docs/reference/kubelet-api.md';
/** All that an update changes, and so all that is put back when it fails. */
const changed = [contractFile, page, 'packages/core/src/kubelet-api/*.ts'];

/**
 * Takes the contract that `options` name into the repository at `root`, and tells `print` about it.
 *
 * @throws {UpdateError} when it is refused or a step fails; then every file is as it was, unless `options.keep` is set
 */
export async function update(
  options: UpdateOptions,
  root: string,
  print: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { proto, changes } = await readNewer(options, root);
  tell(options, changes, print);
  const breaking = changes.filter(isBreaking);
  if (breaking.length > 0 && !options.force)
    throw new UpdateError(
      `kubelets and plugins of older releases would be misunderstood: ${breaking.map(({ what }) => what).join(', ')}. ` +
        '--force takes the contract all the same',
    );
  const record = recordRelease(
    await readFile(join(root, page), 'utf8'),
    options.release,
    changes.map(describeChange),
    options.force,
  );
  if (options.dryRun) return;
  const snapshot = await Snapshot.take(root, changed);
  try {
    await writeFile(join(root, contractFile), proto);
    await writeFile(join(root, page), record);
    await runSteps(root, print, signal);
  } catch (error) {
    if (options.keep) throw error;
    await snapshot.restore();
    print('Everything is as it was before. --keep leaves it, to be mended.');
    throw error;
  }
  print(`The contract is that of ${options.release}. Describe what is new in ${contractFile}, and commit it.`);
}

/** The newer contract as it is to be written, and what is different in it. */
async function readNewer({ proto }: UpdateOptions, root: string): Promise<{ proto: string; changes: Change[] }> {
  const path = resolve(root, proto);
  const given = await describeProto(await readProto(path), proto, root);
  checkContract(given, proto);
  const current = await readProto(join(root, contractFile));
  const old = toContract(await describeProto(current, contractFile, root));
  const newer = withComments(toContract(given), old);
  const printed = printProto(newer);
  checkNothingLost(given, await describeProto(printed, contractFile, root), proto);
  return { proto: printed, changes: difference(old, newer) };
}

function tell({ release, proto }: UpdateOptions, changes: readonly Change[], print: (line: string) => void): void {
  print(`${proto} of ${release}, compared with ${contractFile}:`);
  if (changes.length === 0) print('  nothing is different');
  for (const change of changes) print(`  ${describeChange(change)}`);
}

async function runSteps(root: string, print: (line: string) => void, signal: AbortSignal): Promise<void> {
  const hasManifestTests = existsSync(join(root, manifestTests));
  print(
    hasManifestTests ? await describeSchemas(root) : `${manifestTests} is not there: the manifests are not checked.`,
  );
  for (const step of steps(hasManifestTests)) {
    print(`${step.title} …`);
    await runStep(step, root, signal);
  }
}

async function runStep({ title, task, args }: Step, root: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const child = spawn(process.execPath, ['tools/workspace.mjs', task, ...args], { cwd: root, stdio: 'inherit' });
  const kill = (): boolean => child.kill();
  signal.addEventListener('abort', kill);
  try {
    await once(child, 'close');
  } finally {
    signal.removeEventListener('abort', kill);
  }
  signal.throwIfAborted();
  if (child.exitCode !== 0) throw new UpdateError(`${title} failed; what went wrong is above`);
}

/** The schemas are those that are installed: to have newer ones, a newer package. */
async function describeSchemas(root: string): Promise<string> {
  const manifest = await readFile(join(root, 'node_modules', schemaPackage, 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { readonly version: string };
  const install = `npm install --save-dev --save-exact --ignore-scripts ${schemaPackage}@latest`;
  return `The manifests will be checked against the schemas of ${schemaPackage} ${version}; newer ones: ${install}`;
}
