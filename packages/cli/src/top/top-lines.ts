// SPDX-License-Identifier: Apache-2.0
import { timeAgo, type DeviceStatus, type ResourceStatus, type Status } from '@kube-device-plugins/core';
import { cut, printable, textTable, type Paint, type Size, type Style } from '@kube-device-plugins/terminal';

/** What there is to show. */
export interface TopView {
  readonly address: string;
  /** The last one that came; undefined before the first. */
  readonly status: Status | undefined;
  /** Why there is no newer one. */
  readonly problem?: string;
}

/** All of it, line by line: what is wrong, the resources, then the devices with trouble first. */
export function topLines(view: TopView, columns: number, paint: Paint): string[] {
  const { heading, resources, devices, notes } = partsOf(view, columns, paint);
  return [...heading, '', ...resources, '', ...devices, ...notes];
}

/** As much of it as a screen holds; the last line says what the keys do. */
export function topScreen(view: TopView, { columns, rows }: Size, paint: Paint): string[] {
  const { heading, resources, devices, notes } = partsOf(view, columns, paint);
  const keys = paint('dim', cut('q quit', columns));
  const someResources = shortened(resources, Math.max(2, Math.floor(rows / 3)), columns, paint);
  const above = [...heading, '', ...someResources, ''];
  const below = [...notes, '', keys];
  const table = shortened(devices, Math.max(2, rows - above.length - below.length), columns, paint);
  return [...above, ...table, ...below].slice(0, rows);
}

interface Parts {
  readonly heading: readonly string[];
  readonly resources: readonly string[];
  readonly devices: readonly string[];
  readonly notes: readonly string[];
}

function partsOf({ address, status, problem }: TopView, columns: number, paint: Paint): Parts {
  const line = (text: string, style: Style): string => paint(style, cut(printable(text), columns));
  const failure = problem === undefined ? [] : [line(`trying again: ${problem}`, 'red')];
  if (status === undefined)
    return { heading: [line(`waiting for ${address}`, 'bold'), ...failure], resources: [], devices: [], notes: [] };
  const { program, version, startedAt, madeAt, ready, plugins, usersUnknown } = status;
  const what = `${program} ${version} at ${address}, started ${timeAgo(startedAt, madeAt)}: ${ready ? 'ready' : 'not ready'}`;
  const resources = plugins.flatMap((plugin) => plugin.resources);
  const problems = plugins.flatMap(({ lines }) => lines.filter((one) => !one.startsWith('ok ')));
  const shown = resources.reduce((sum, { devices }) => sum + devices.length, 0);
  const all = resources.reduce((sum, { deviceCount }) => sum + deviceCount, 0);
  return {
    heading: [line(what, 'bold'), ...failure, ...problems.map((one) => line(one, 'red'))],
    resources: resourceTable(resources, columns, paint),
    devices: deviceTable(resources, madeAt, columns, paint),
    notes: [
      ...(usersUnknown === undefined ? [] : [line(`pods are not shown: ${usersUnknown}`, 'dim')]),
      ...(shown === all
        ? []
        : [line(`the plugin tells of ${shown} of its ${all} devices, the unhealthy ones first`, 'dim')]),
    ],
  };
}

function resourceTable(resources: readonly ResourceStatus[], width: number, paint: Paint): string[] {
  const titles = ['RESOURCE', 'STATE', 'DEVICES', 'HEALTHY', 'UNHEALTHY', 'LEFT OUT', 'ALLOCATIONS', 'FAILED'];
  const inTrouble = resources.filter(isInTrouble);
  const well = resources.filter((resource) => !isInTrouble(resource));
  const rows = [...inTrouble, ...well].map(
    ({ name, problem, deviceCount, unhealthyCount, leftOutCount, allocations }) => [
      name,
      problem === undefined ? 'ready' : 'not ready',
      ...[
        deviceCount,
        deviceCount - unhealthyCount,
        unhealthyCount,
        leftOutCount,
        allocations.ok,
        allocations.error,
      ].map(String),
    ],
  );
  return textTable(titles, rows, width, { paint, cellStyle: resourceStyle });
}

/** A small screen has room for the first few alone. */
function isInTrouble({ problem, unhealthyCount, leftOutCount }: ResourceStatus): boolean {
  return problem !== undefined || unhealthyCount > 0 || leftOutCount > 0;
}

function resourceStyle(cell: string, column: string): Style | undefined {
  if (column === 'STATE') return cell === 'ready' ? 'green' : 'red';
  return ['UNHEALTHY', 'LEFT OUT', 'FAILED'].includes(column) && cell !== '0' ? 'red' : undefined;
}

function deviceTable(resources: readonly ResourceStatus[], madeAt: string, width: number, paint: Paint): string[] {
  // What is the same in every line says nothing.
  const isOne = resources.length === 1;
  const devices = resources.flatMap(({ name, devices: all }) => all.map((device) => ({ name, device })));
  const isWell = ({ device }: { readonly device: DeviceStatus }): number => Number(device.health === 'Healthy');
  const rows = devices
    .toSorted((a, b) => isWell(a) - isWell(b))
    .map(({ name, device: { id, health, numa, users = [], history, reason = '' } }) => {
      const last = history.at(-1);
      return [
        ...(isOne ? [] : [name]),
        id,
        health,
        numa.join(','),
        users.map(({ namespace, pod, container }) => `${namespace}/${pod}/${container}`).join(' '),
        last === undefined ? '' : `${last.to} ${timeAgo(last.at, madeAt)}`,
        reason,
      ];
    });
  const titles = [...(isOne ? [] : ['RESOURCE']), 'DEVICE', 'HEALTH', 'NUMA', 'USED BY', 'LAST CHANGE', 'REASON'];
  return textTable(titles, rows, width, { paint, cellStyle: deviceStyle });
}

function deviceStyle(cell: string, column: string): Style | undefined {
  if (cell === '-') return 'dim';
  if (column === 'HEALTH') return cell === 'Healthy' ? 'green' : 'red';
  return column === 'USED BY' ? 'cyan' : undefined;
}

/** A table that is too long ends in how much of it is not there. */
function shortened(table: readonly string[], room: number, columns: number, paint: Paint): string[] {
  if (table.length <= room) return [...table];
  const shown = table.slice(0, Math.max(1, room - 1));
  return [...shown, paint('dim', cut(`… and ${table.length - shown.length} more`, columns))];
}
