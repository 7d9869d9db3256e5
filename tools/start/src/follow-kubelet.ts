// SPDX-License-Identifier: Apache-2.0
import type { FakeKubelet, KubeletEvent } from '@kube-device-plugins/testkit';
import type { Board } from './board.ts';
import { describeDevices } from './describe-devices.ts';

/** Shows on the board what the embedded kubelet sees. */
export function followKubelet(kubelet: FakeKubelet, board: Board): void {
  kubelet.subscribe((event) => {
    show(event, kubelet, board);
  });
}

function show(event: KubeletEvent, kubelet: FakeKubelet, board: Board): void {
  switch (event.type) {
    case 'stopped':
      board.forget(board.resources);
      board.note('kubelet stopped', true);
      break;
    case 'started':
      board.note('kubelet started');
      break;
    case 'registered':
      board.note(`${event.resource} registered`);
      break;
    case 'registrationFailed':
      board.note(`${event.resource} could not register: ${event.message}`, true);
      break;
    case 'listed':
      list(event.resource, kubelet, board);
      break;
    case 'streamEnded':
      board.note(
        `${event.resource} ended its stream${event.error === undefined ? '' : `: ${event.error.message}`}`,
        true,
      );
      list(event.resource, kubelet, board);
      break;
    case 'allocated':
      for (const id of event.ids) board.assign(event.resource, id, `${event.pod}/${event.container}`);
      board.note(`${event.resource} ${event.ids.join(' ')} allocated to ${event.pod}/${event.container}`);
      break;
    case 'podDeleted':
      free(event.pod, board);
      board.note(`${event.pod} deleted`);
      break;
    // Who asked hears of the first, and the others are only the end of what is shown already.
    case 'rejected':
    case 'restarted':
    case 'containerStarted':
      break;
  }
}

function list(resource: string, kubelet: FakeKubelet, board: Board): void {
  const devices = kubelet.resources().get(resource)?.devices ?? [];
  board.list(
    resource,
    devices.map(({ id, health, numaNodes, holder }) => ({
      id,
      health,
      numaNodes,
      allocatedTo: holder && `${holder.pod}/${holder.container}`,
    })),
  );
  void describeDevices(board, resource, async (name, id) => {
    const { devices: nodes } = await kubelet.describeDevice(name, id);
    return nodes.map(({ hostPath }) => hostPath);
  });
}

function free(pod: string, board: Board): void {
  for (const { resource, id, allocatedTo } of board.rows) {
    if (allocatedTo?.startsWith(`${pod}/`)) board.assign(resource, id, undefined);
  }
}
