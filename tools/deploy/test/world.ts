// SPDX-License-Identifier: Apache-2.0
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory of programs that write down how they were called, in place of those of the machine. */
export class RecordingPath implements AsyncDisposable {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async create(): Promise<RecordingPath> {
    const recording = new RecordingPath(await mkdtemp(join(tmpdir(), 'kdp-')));
    await mkdir(recording.path);
    // What the programs themselves are made of.
    await symlink('/bin/cat', join(recording.path, 'cat'));
    return recording;
  }

  /**
   * Adds a program that prints a text and ends with an exit code.
   *
   * @param output - an empty one for none.
   */
  async add(name: string, output = '', exitCode = 0): Promise<void> {
    const log = join(this.directory, name);
    await writeFile(`${log}.out`, output);
    const file = join(this.path, name);
    const script = [
      '#!/bin/sh',
      `printf '%s\\n' "$@" >>'${log}.args'`,
      // A kustomization is looked at while it is there; everything else gets objects on standard input.
      `if [ -e "$2/kustomization.yaml" ]; then cat "$2/kustomization.yaml" >'${log}.in'; else cat >'${log}.in'; fi`,
      `cat '${log}.out'`,
      `exit ${exitCode}`,
    ];
    await writeFile(file, `${script.join('\n')}\n`);
    await chmod(file, 0o755);
  }

  /** For `PATH`, and nothing else is in it. */
  get path(): string {
    return join(this.directory, 'bin');
  }

  /** Arguments of all calls, or undefined when there was none. */
  async argumentsOf(name: string): Promise<readonly string[] | undefined> {
    const text = await this.#read(`${name}.args`);
    return text?.trimEnd().split('\n');
  }

  /** What the last call read. */
  async inputOf(name: string): Promise<string> {
    return (await this.#read(`${name}.in`)) ?? '';
  }

  async #read(file: string): Promise<string | undefined> {
    return await readFile(join(this.directory, file), 'utf8').catch(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true });
  }
}
