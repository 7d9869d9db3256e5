// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter } from 'node:path';
import { promisify } from 'node:util';
import { kubectl } from './kubectl.ts';
import type { Settings } from './settings.ts';

/** Something that all tests of a plugin would fail for, one after the other and slowly. */
export class SurroundingsError extends Error {
  readonly exitCode: 1 | 2;

  constructor(exitCode: 1 | 2, message: string, cause?: unknown) {
    super(message, { cause });
    this.exitCode = exitCode;
  }
}

/**
 * Looks for what the tests of a plugin need and cannot make: the engine and the image, and the cluster.
 *
 * @param env - of this process.
 * @throws SurroundingsError that names what is missing and the remedy.
 */
export async function checkSurroundings(
  plugin: string,
  { engine, image, hasCluster }: Pick<Settings, 'engine' | 'image' | 'hasCluster'>,
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  if (engine !== undefined) await checkImage(engine, `${image.newName}:${image.newTag}`, plugin);
  if (hasCluster) await checkCluster(env['KUBECONFIG'] ?? '');
}

async function checkImage(engine: string, image: string, plugin: string): Promise<void> {
  try {
    await promisify(execFile)(engine, ['image', 'inspect', '--format', '{{.Id}}', image]);
  } catch (error) {
    const { code, stderr } = error as { readonly code?: unknown; readonly stderr?: string };
    // A number is the exit code of a program that could be started.
    if (typeof code === 'string') {
      throw new SurroundingsError(
        2,
        `no program ${engine} (${code}): --engine is podman or docker, and has to be installed`,
        error,
      );
    }
    const remedy = `npm run image -- ${plugin} makes it, --registry and --tag name another`;
    throw new SurroundingsError(1, `${engine} finds no image ${image}: ${remedy} (${lastLine(stderr ?? '')})`, error);
  }
}

/** Files of the list may be missing, as kubectl has it, but not all: it would take a cluster on this machine then. */
async function checkCluster(kubeconfig: string): Promise<void> {
  const remedy = 'correct KUBECONFIG, or leave the cluster out with --no-cluster';
  if (!kubeconfig.split(delimiter).some((file) => existsSync(file))) {
    throw new SurroundingsError(1, `there is no file ${kubeconfig}, which KUBECONFIG names: ${remedy}`);
  }
  try {
    await kubectl(['get', '--raw', '/version', '--request-timeout=10s']);
  } catch (error) {
    const reason = lastLine(error instanceof Error ? error.message : String(error));
    throw new SurroundingsError(1, `the cluster of KUBECONFIG does not answer: ${remedy} (${reason})`, error);
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
