// SPDX-License-Identifier: Apache-2.0
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMissing, messageOf } from '@kube-device-plugins/core';
import { type Checkpoint, encodeCheckpoint, parseCheckpoint } from './checkpoint.ts';

/** Upstream: pkg/kubelet/cm/devicemanager/manager.go, kubeletDeviceManagerCheckpoint. */
const checkpointName = 'kubelet_internal_checkpoint';

/** Of a node with nothing on it. */
export const emptyCheckpoint: Checkpoint = { PodDeviceEntries: [], RegisteredDevices: {} };

/** The kubelet's memory in the device plugin directory. Like the kubelet it reads and writes while everything else waits. */
export class CheckpointFile {
  readonly #path: string;
  #last = emptyCheckpoint;

  constructor(dir: string) {
    this.#path = join(dir, checkpointName);
  }

  /** What was read or written last. */
  get last(): Checkpoint {
    return this.#last;
  }

  /** What the file says; nothing when there is none, or it is not a whole checkpoint: the kubelet goes on without. */
  read(): Checkpoint {
    this.#last = this.#parse() ?? emptyCheckpoint;
    return this.#last;
  }

  /** In one step, so that no reader ever sees half of it. @throws Error in the kubelet's words. */
  write(checkpoint: Checkpoint): void {
    this.#last = checkpoint;
    // Next to it, for rename(2) does not cross file systems; hidden from those who look for sockets.
    const draft = join(this.#path, '..', `.${checkpointName}`);
    try {
      writeFileSync(draft, encodeCheckpoint(checkpoint), { mode: 0o600 });
      renameSync(draft, this.#path);
    } catch (error) {
      const text = `failed to write checkpoint file ${JSON.stringify(checkpointName)}: ${messageOf(error)}`;
      throw new Error(text, { cause: error });
    }
  }

  #parse(): Checkpoint | undefined {
    try {
      if (statSync(this.#path).size > maxBytes) return undefined;
      return parseCheckpoint(readFileSync(this.#path, 'utf8'));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }
}

/** Ten times the list of the largest message of a plugin. */
const maxBytes = 40 * 1024 * 1024;
