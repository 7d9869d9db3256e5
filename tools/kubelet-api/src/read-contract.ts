// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { FileDescriptor } from './descriptor.ts';
import { UpdateError } from './update-error.ts';

/** Thirty times what the contract has in 2026. */
const maxProtoBytes = 256 * 1024;

/**
 * The text of a .proto file.
 *
 * @throws {UpdateError} when it cannot be read, is no file, or is larger than {@link maxProtoBytes}
 */
export async function readProto(path: string): Promise<string> {
  try {
    // Nobody is waited for, as the writer of a FIFO.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await file.stat();
    if (!stats.isFile()) throw new UpdateError(`${path} is no file: name the .proto file itself`);
    const buffer = Buffer.alloc(maxProtoBytes + 1);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    if (bytesRead > maxProtoBytes)
      throw new UpdateError(`${path} has more than ${maxProtoBytes / 1024} KiB, which is no contract of a kubelet`);
    return buffer.toString('utf8', 0, bytesRead);
  } catch (error) {
    if (error instanceof UpdateError) throw error;
    throw new UpdateError(`${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * What the compiler understands of it. It is compiled alone in a directory of its own, so it can import nothing.
 *
 * @throws {UpdateError} with the compiler's words when it does not compile; `name` is what they call the file
 */
export async function describeProto(proto: string, name: string, root: string): Promise<FileDescriptor> {
  const directory = await mkdtemp(join(tmpdir(), 'kdp-'));
  try {
    await writeFile(join(directory, 'contract.proto'), proto);
    const buf = join(root, 'node_modules/.bin/buf');
    const child = spawn(process.execPath, [buf, 'build', '--output', '-#format=json'], {
      cwd: directory,
      env: { ...process.env, BUF_CACHE_DIR: join(directory, 'cache') },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
    });
    const [json, problem] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    if (child.exitCode !== 0)
      throw new UpdateError(`${name} does not compile:\n${firstLines(problem).replaceAll('contract.proto', name)}`);
    const [file = {}] = (JSON.parse(json) as { readonly file: readonly FileDescriptor[] }).file;
    return file;
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Behind its first mistakes a compiler tells their consequences. */
function firstLines(problem: string): string {
  return problem.trim().split('\n').slice(0, 5).join('\n');
}
