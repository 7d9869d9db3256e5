// SPDX-License-Identifier: Apache-2.0
import { basename, join } from 'node:path';
import type { Board } from './board.ts';
import { describeDevices } from './describe-devices.ts';
import type { PluginLogRecord } from './plugin-log.ts';
import { PluginStream } from './plugin-stream.ts';

/** Shows on the board what a plugin tells a kubelet that cannot be asked, by reading along on the plugin's own sockets. */
export class FollowPlugin implements Disposable {
  readonly #directory: string;
  readonly #board: Board;
  readonly #streams = new Map<string, PluginStream>();

  constructor(directory: string, board: Board) {
    this.#directory = directory;
    this.#board = board;
  }

  /**
   * Takes a line of the plugin's log. A stream is opened when the plugin says that it has registered, on the socket that it names:
   * before, the plugin could take it for the kubelet's.
   */
  logged({ message, fields }: PluginLogRecord): void {
    const { resource, socket } = fields;
    if (message !== 'registered with the kubelet' || typeof resource !== 'string' || typeof socket !== 'string') return;
    this.#board.note(`${resource} registered`);
    this.#open(resource, join(this.#directory, basename(socket)));
  }

  [Symbol.dispose](): void {
    for (const stream of this.#streams.values()) stream.close();
    this.#streams.clear();
  }

  #open(resource: string, socketPath: string): void {
    this.#streams.get(resource)?.close();
    const stream = new PluginStream(
      socketPath,
      (devices) => {
        this.#board.list(
          resource,
          devices.map(({ ID, health, topology }) => ({
            id: ID,
            health,
            numaNodes: topology?.nodes.map((node) => node.ID) ?? [],
          })),
        );
        void describeDevices(this.#board, resource, (_, id) => stream.hostNodes(id));
      },
      () => {
        this.#streams.delete(resource);
        this.#board.forget([resource]);
        this.#board.note(`${resource} ended its stream`, true);
      },
    );
    this.#streams.set(resource, stream);
  }
}
