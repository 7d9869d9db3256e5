// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Runs kubectl, which finds the cluster by KUBECONFIG.
 *
 * @param input - for its standard input.
 * @returns what it printed.
 * @throws Error with the command line and what it printed to standard error.
 */
export async function kubectl(args: readonly string[], input = ''): Promise<string> {
  const child = spawn('kubectl', args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout.setEncoding('utf8').on('data', (text: string) => out.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => err.push(text));
  // One that does not read ends first; its exit code says why.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const code = await once(child, 'close').then(
    ([code]) => code as number | null,
    (error: unknown) => {
      throw new Error('kubectl cannot be started: install it, or put its directory into PATH', { cause: error });
    },
  );
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')} failed with exit code ${code}: ${err.join('').trim()}`);
  return out.join('');
}
