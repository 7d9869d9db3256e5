// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { DeployError } from './deploy-error.ts';
import { findProgram } from './find-program.ts';

/** A command that prints what a kustomization makes when a directory is added to it. */
export type Kustomize = readonly [file: string, subcommand: string];

/** What to do where there is none. */
export const kustomizeRemedy =
  'install kustomize (Debian 13 has it; go install sigs.k8s.io/kustomize/kustomize/v5@latest) or kubectl, or name one in KUSTOMIZE';

/** `KUSTOMIZE` where it is set, else `kustomize` or `kubectl kustomize` of `PATH`, whichever there is. */
export function findKustomize(env: NodeJS.ProcessEnv): Kustomize | undefined {
  const path = env.PATH ?? '';
  const named = env.KUSTOMIZE ?? '';
  const file = named === '' ? (findProgram('kustomize', path) ?? findProgram('kubectl', path)) : named;
  if (file === undefined) return undefined;
  return [file, basename(file).startsWith('kubectl') ? 'kustomize' : 'build'];
}

/**
 * The objects of a kustomization as YAML.
 *
 * @throws DeployError with what kustomize says.
 */
export async function renderKustomization([file, subcommand]: Kustomize, directory: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(file, [subcommand, directory], { maxBuffer: mostBytes });
    return stdout;
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    const told = stderr.trim() === '' ? message : stderr.trim();
    throw new DeployError(`${file} ${subcommand} ${directory} failed: ${told}`);
  }
}

/** Far more than all manifests together. */
const mostBytes = 16 * 1024 * 1024;
