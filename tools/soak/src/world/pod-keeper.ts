// SPDX-License-Identifier: Apache-2.0
import type { AdmittedContainer, FakeKubelet, PodSpec } from '@kube-device-plugins/testkit';
import { messageOf } from '@kube-device-plugins/core';
import type { Moment } from '../invariants/invariant.ts';

const container = 'app';

/** The pods of the node. */
export class PodKeeper {
  /** Why pods were refused → how many. */
  readonly refusals = new Map<string, number>();
  admitted = 0;
  readonly #kubelet: FakeKubelet;
  readonly #tell: (moment: Moment) => void;
  readonly #running = new Set<string>();

  constructor(kubelet: FakeKubelet, tell: (moment: Moment) => void) {
    this.#kubelet = kubelet;
    this.#tell = tell;
  }

  /** Returns why not, when the pod is refused; that is no failure of anybody. */
  async admit(pod: string, limits: Readonly<Record<string, number>>): Promise<string | undefined> {
    const spec: PodSpec<typeof container> = { pod, containers: [{ name: container, limits }] };
    try {
      const { containers } = await this.#kubelet.admit(spec);
      this.#running.add(pod);
      this.admitted += 1;
      this.#tell(given(pod, containers[container]));
      return undefined;
    } catch (error) {
      const reason = reasonOf(messageOf(error));
      this.refusals.set(reason, (this.refusals.get(reason) ?? 0) + 1);
      return messageOf(error);
    }
  }

  /** As after a crash of the container. */
  async startContainer(pod: string): Promise<void> {
    if (!this.#running.has(pod)) return;
    try {
      this.#tell(given(pod, await this.#kubelet.startContainer(pod, container)));
    } catch (error) {
      const reason = `restart: ${reasonOf(messageOf(error))}`;
      this.refusals.set(reason, (this.refusals.get(reason) ?? 0) + 1);
    }
  }

  delete(pod: string): void {
    this.#kubelet.deletePod(pod);
    this.#running.delete(pod);
    this.#tell({ type: 'freed', pod });
  }

  deleteAll(): void {
    for (const pod of this.#running) this.delete(pod);
  }
}

function given(pod: string, { deviceIds, devices, cdiDevices }: AdmittedContainer): Moment {
  const ids = Object.entries(deviceIds).flatMap(([resource, ids]) => ids.map((id) => `${resource} ${id}`));
  return { type: 'given', pod, devices: ids, nodes: [...devices.map(({ hostPath }) => hostPath), ...cdiDevices] };
}

/** The kind of refusal, without names and numbers. */
function reasonOf(message: string): string {
  if (message.includes('requested number of devices unavailable')) return 'too few devices are free';
  if (message.includes('no healthy devices present')) return 'no device is healthy';
  if (/is unhealthy|has no device/.test(message)) return 'the plugin refused a bad device';
  if (message.includes('CDI')) return 'the CDI spec cannot be written';
  if (message.includes('unregistered')) return 'the resource is not registered';
  return 'the plugin is away';
}
