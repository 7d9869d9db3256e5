// SPDX-License-Identifier: Apache-2.0
import { backoffMs, DevicePluginError, log, messageOf, pause } from '@kube-device-plugins/core';
import type { NodeAddress } from '../options.ts';
import { isFpgaMode, type FpgaMode } from '../options/fpga-mode.ts';
import type { Annotations } from './node-event.ts';
import { oneLine } from './one-line.ts';
import { watchNode } from './watch-node.ts';

/** The annotation of a node that goes before `-mode`. Upstream: cmd/fpga_plugin. */
const modeAnnotation = 'fpga.intel.com/device-plugin-mode';

/** Who wants to know the mode of a node. */
export interface ModeFollower {
  /** Takes the mode that the node is to have; undefined when it names none. */
  readonly take: (mode: FpgaMode | undefined) => void;
  /** Hears that the node cannot be asked: what it said last counts on. */
  readonly isUnreachable: () => void;
}

/**
 * Tells which mode the node is to have, as soon as that is known and with each change, until `signal` aborts.
 * The log tells each reason for which it cannot be known once.
 */
export async function followNodeMode(node: NodeAddress, follower: ModeFollower, signal: AbortSignal): Promise<void> {
  const news = new ModeNews(node, follower);
  for (let attempt = 1; !signal.aborted; attempt++) {
    if (await watchOnce(node, news, signal)) attempt = 1;
    await pause(backoffMs(attempt, retries, Math.random()), signal);
  }
  news.stop();
}

const retries = { firstMs: 1_000, maxMs: 60_000 };

/** Resolves when the watch ends, with whether it brought anything. */
async function watchOnce({ host, ...node }: NodeAddress, news: ModeNews, signal: AbortSignal): Promise<boolean> {
  let isHeard = false;
  let silence: NodeJS.Timeout | undefined;
  // A watch begins with the node as it is, and that of a node which is not there with nothing.
  const onOpen = (): void => {
    const error = new DevicePluginError('RPC_FAILED', `the API server knows no node ${node.name}: ${nodeNameRemedy}`);
    silence = setTimeout(() => news.miss(error), silenceMs);
  };
  try {
    if (host === undefined) throw new DevicePluginError('RPC_FAILED', noApiServer);
    for await (const annotations of watchNode({ ...node, host, onOpen }, signal)) {
      clearTimeout(silence);
      news.hear(annotations);
      isHeard = true;
    }
  } catch (error) {
    if (!signal.aborted) news.miss(error);
  } finally {
    clearTimeout(silence);
  }
  return isHeard;
}

/** As long as the devices wait for the mode. */
const silenceMs = 5_000;

const nodeNameRemedy = 'NODE_NAME or -node-name has to be the name of one, as kubectl get nodes shows it';

const noApiServer = 'KUBERNETES_SERVICE_HOST is not set: this is no pod with an API server';

/** Hands on what is new, and no more: the first value at once, every other when it has stood for a moment. */
class ModeNews {
  readonly #node: NodeAddress;
  readonly #follower: ModeFollower;
  #last: { readonly value: unknown } | undefined;
  #failure: string | undefined;
  #settling: NodeJS.Timeout | undefined;

  constructor(node: NodeAddress, follower: ModeFollower) {
    this.#node = node;
    this.#follower = follower;
  }

  hear(annotations: Annotations): void {
    if (this.#failure !== undefined) log.info('the annotation of the node can be read again', this.#subject);
    this.#failure = undefined;
    const value = annotations[modeAnnotation];
    this.stop();
    if (this.#last === undefined) this.#take(value);
    else if (this.#last.value !== value) this.#settling = setTimeout(() => this.#take(value), settleMs);
  }

  /** Takes nothing any more. */
  stop(): void {
    clearTimeout(this.#settling);
  }

  miss(error: unknown): void {
    const failure = messageOf(error);
    if (failure !== this.#failure)
      log.warn('the annotation of the node cannot be read, the mode stays', { ...this.#subject, error });
    this.#failure = failure;
    this.#follower.isUnreachable();
  }

  #take(value: unknown): void {
    this.#last = { value };
    const mode = typeof value === 'string' && isFpgaMode(value) ? value : undefined;
    if (value !== undefined && mode === undefined) {
      const fields = { ...this.#subject, value: oneLine(value) };
      log.warn('the annotation of the node names no mode, that of the flag counts', fields);
    }
    this.#follower.take(mode);
  }

  get #subject(): { readonly node: string; readonly annotation: string } {
    return { node: this.#node.name, annotation: modeAnnotation };
  }
}

/** With each change all devices go and others come: an annotation that goes to and fro is waited for. */
const settleMs = 200;
