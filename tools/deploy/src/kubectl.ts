// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { DeployError } from './deploy-error.ts';
import type { Action } from './options.ts';

/** The command line that does it to the objects on standard input. */
export function kubectlArguments(action: Action, extra: readonly string[]): string[] {
  const verb = action === 'deploy' ? ['apply', '-f', '-'] : ['delete', '--ignore-not-found', '-f', '-'];
  return [...verb, ...extra];
}

/**
 * Its output is that of this process.
 *
 * @throws DeployError when it cannot be run, or fails.
 */
export async function runKubectl(file: string, args: readonly string[], input: string): Promise<void> {
  const child = spawn(file, args, { stdio: ['pipe', 'inherit', 'inherit'] });
  // Whoever ends without reading tells more by its exit code.
  child.stdin.on('error', () => undefined).end(input);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  if (code === 0) return;
  const how = code === null ? `was ended by ${String(signal)}` : `ended with ${code}`;
  throw new DeployError(
    `kubectl ${args.join(' ')} ${how}: see above; KUBECONFIG and "kubectl config" say which cluster it talks to`,
  );
}
