// SPDX-License-Identifier: Apache-2.0
import { topologyOf, type DeviceInfo } from '../src/device-tree.ts';
import { Telemetry } from '../src/observe/telemetry.ts';

/** What a plugin knows after some hours on a node with all kinds of trouble. */
export function busyTelemetry(plugin?: string, nowMs = Date.now()): Telemetry {
  const telemetry = new Telemetry(plugin);
  addCards(telemetry, nowMs);
  const waits = { devices: new Map([['region-1', info('/dev/dfl-port.1')]]), registered: false, streamOpen: false };
  telemetry.resourceChanged('fpga.intel.com/region-ce48969398f05f33946d560708be108a', {
    ...waits,
    problem: 'waiting for the kubelet: /var/lib/kubelet/device-plugins/kubelet.sock is not there',
  });
  telemetry.leftOut = new Map([
    ['gpu.intel.com/i915', new Map([['an id', 'its id has a character that is not printable ASCII']])],
  ]);
  telemetry.scanFinished(4);
  return telemetry;
}

function addCards(telemetry: Telemetry, nowMs: number): void {
  const resource = 'gpu.intel.com/i915';
  const good = Array.from({ length: 12 }, (_, i): [string, DeviceInfo] => [
    `card${i}-0`,
    info(`/dev/dri/card${i}`, i % 2),
  ]);
  const bad = (id: string, healthReason: string): [string, DeviceInfo] => [
    id,
    { ...info(`/dev/dri/${id}`, 0), health: 'Unhealthy', healthReason },
  ];
  const devices = new Map([
    ...good,
    bad('card12-0', 'the temperature of the global domain is 104 °C, which is 4 °C above its limit'),
    bad('card13-0', 'no answer from the firmware'),
  ]);
  telemetry.resourceChanged(resource, { devices, registered: true, streamOpen: true });
  const { history } = telemetry;
  history.begin(resource, new Map(good), nowMs - 7_200_000);
  const none = { added: [], removed: [], recovered: [], failed: [] };
  for (let i = 0; i < 5; i += 1) {
    history.add(resource, { ...none, failed: ['card13-0'] }, devices, nowMs - 600_000 + i * 60_000);
    history.add(resource, { ...none, recovered: ['card13-0'] }, devices, nowMs - 570_000 + i * 60_000);
  }
  history.add(resource, { ...none, failed: ['card12-0', 'card13-0'] }, devices, nowMs - 95_000);
  history.add(resource, { ...none, added: ['card3-0'] }, devices, nowMs - 4_000_000);
  history.add(resource, { ...none, removed: ['card14-0'] }, devices, nowMs - 30_000);
  telemetry.allocations.add({ resource, result: 'ok' }, 31);
  telemetry.allocations.add({ resource, result: 'error' }, 2);
  telemetry.registrations.add({ resource, result: 'ok' });
}

function info(hostPath: string, numaNode = -1): DeviceInfo {
  const topology = topologyOf([numaNode]);
  return {
    health: 'Healthy',
    nodes: [{ hostPath, containerPath: hostPath, permissions: 'rw' }],
    ...(topology && { topology }),
  };
}
