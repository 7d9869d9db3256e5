// SPDX-License-Identifier: Apache-2.0
import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const program = `import { log } from '${join(import.meta.dirname, 'log.ts')}';
for (let line = 0; line < 3; line += 1) log.info('line', { line });
process.stdout.write('alive');`;

describe('standardError', () => {
  it('takes lines before the process ends', async () => {
    const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', program]);
    expect(stdout).toBe('alive');
    expect(stderr.match(/"line" line=\d\n/g)).toHaveLength(3);
  });

  it('drops lines that nobody reads, and lets the process live', async () => {
    const script = `exec "$1" --input-type=module -e "$2" 2> >(exec true)`;
    const { stdout } = await run('bash', ['-c', `sleep 0; ${script}`, 'bash', process.execPath, program]);
    expect(stdout).toBe('alive');
  });

  it('lets the process live without standard error', async () => {
    const child = spawn('sh', ['-c', 'exec "$1" --input-type=module -e "$2" 2>&-', 'sh', process.execPath, program], { stdio: ['ignore', 'pipe', 'ignore'] });
    const chunks: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect([code, chunks.join('')]).toEqual([0, 'alive']);
  });
});
