// SPDX-License-Identifier: Apache-2.0
import type { FakeKubelet } from '../fake-kubelet.ts';
import type { KubeletEvent } from '../kubelet-event.ts';
import type { ResourceView } from '../resource-view.ts';
import { ClauseFailure, Skipped } from './clause.ts';
import { counted } from './counted.ts';

type EndpointEvent = Extract<KubeletEvent, { readonly endpoint: string }>;

/** A resource as the kubelet has it, and what happened to it. */
export abstract class ObservedResource {
  abstract readonly resource: string;
  abstract get kubelet(): FakeKubelet;
  /** Every event of the kubelet with its time, by performance.now(). */
  readonly events: { readonly event: KubeletEvent; readonly atMs: number }[] = [];

  /** What the plugin listed last; nothing where it is not registered. */
  get devices(): ResourceView['devices'] {
    return this.view?.devices ?? [];
  }

  /** As the kubelet has it. */
  healthOf(id: string): 'Healthy' | 'Unhealthy' | 'gone' {
    return this.devices.find((device) => device.id === id)?.health ?? 'gone';
  }

  /** Whether the kubelet holds a stream of the resource. */
  get isConnected(): boolean {
    return this.view?.state === 'connected';
  }

  /** How many devices a node would offer. */
  get allocatable(): number {
    return this.view?.allocatable ?? 0;
  }

  get view(): ResourceView | undefined {
    return this.kubelet.resources().get(this.resource);
  }

  /** The socket that the resource is served on at the moment. */
  get socketPath(): string {
    const path = this.view?.socketPath;
    if (path === undefined) throw new ClauseFailure(`${this.resource} is not registered`);
    return path;
  }

  /** The first healthy ids. @throws Skipped when there are fewer. */
  ids(count: number): string[] {
    const ids = this.devices.filter(({ health }) => health === 'Healthy').map(({ id }) => id);
    if (ids.length < count) throw new Skipped(`needs ${counted(count, 'healthy device')}; it lists ${ids.length}`);
    return ids.slice(0, count);
  }

  /** The events of the resource of this type, oldest first. */
  eventsOf<Type extends EndpointEvent['type']>(type: Type): Extract<EndpointEvent, { type: Type }>[] {
    return this.events.flatMap(({ event }) => (isOf(event, type) && event.resource === this.resource ? [event] : []));
  }

  /** Whether a list has come since the last registration. */
  isListed(resource = this.resource): boolean {
    const last = (type: EndpointEvent['type']): number =>
      this.events.findLastIndex(({ event }) => isOf(event, type) && event.resource === resource);
    return last('listed') > last('registered');
  }
}

function isOf<Type extends EndpointEvent['type']>(
  event: KubeletEvent,
  type: Type,
): event is Extract<EndpointEvent, { type: Type }> {
  return event.type === type;
}
