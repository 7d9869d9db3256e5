// SPDX-License-Identifier: Apache-2.0
import { textTable, type Paint, type Style } from '@kube-device-plugins/terminal';

/** One device as the kubelet sees it. */
export interface DeviceRow {
  readonly resource: string;
  readonly id: string;
  readonly health: string;
  /** Empty when the host names none. */
  readonly numaNodes: readonly number[];
  /** Paths on the host; undefined while nobody has asked the plugin. */
  readonly hostNodes: readonly string[] | undefined;
  /** Pod and container, when the device is taken. */
  readonly allocatedTo?: string | undefined;
}

/** A heading, then one line for each row; no line is wider than `width` columns. */
export function tableLines(rows: readonly DeviceRow[], width: number, paint: Paint): string[] {
  return textTable(columns, rows.map(cellsOf), width, { paint, cellStyle });
}

const columns = ['RESOURCE', 'DEVICE ID', 'HEALTH', 'NUMA NODE', 'HOST NODES', 'ALLOCATED TO'];

function cellsOf({ resource, id, health, numaNodes, hostNodes, allocatedTo }: DeviceRow): string[] {
  return [resource, id, health, numaNodes.join(','), hostNodesCell(hostNodes), allocatedTo ?? ''];
}

function hostNodesCell(nodes: readonly string[] | undefined): string {
  return nodes === undefined ? '?' : nodes.join(' ');
}

function cellStyle(cell: string, column: string): Style | undefined {
  if (cell === '-' || cell === '?') return 'dim';
  if (column === 'HEALTH') return cell === 'Healthy' ? 'green' : 'red';
  return column === 'ALLOCATED TO' ? 'cyan' : undefined;
}
