// SPDX-License-Identifier: Apache-2.0
import { printable } from '../printable.ts';
import type { DeviceReport, PluginReport } from './plugin-report.ts';
import { textTable, type Table } from './text-table.ts';

/** How much to tell, in lines of how many characters. */
export interface InspectTextOptions {
  /** With the paths on both sides, and the permissions. */
  readonly isWide: boolean;
  /** Undefined where nothing is cut. */
  readonly width: number | undefined;
}

/** Reports for a reader: the devices of all plugins, what was left out, and who found nothing and why that may be. */
export function inspectText(reports: readonly PluginReport[], { isWide, width }: InspectTextOptions): string {
  const sections = [
    section('', deviceTable(reports, isWide), width),
    section('Looked at and left out, or not as it should be:\n', remarkTable(reports), width),
    ...reports.map(explanation),
  ];
  return sections.filter((text) => text !== '').join('\n');
}

function section(title: string, table: Table, width: number | undefined): string {
  return table.rows.length === 0 ? '' : `${title}${textTable(table, width)}`;
}

function deviceTable(reports: readonly PluginReport[], isWide: boolean): Table {
  const columns = [
    'RESOURCE',
    'ID',
    'HEALTH',
    'REASON',
    'NUMA',
    'NODES',
    'MOUNTS',
    'CDI',
    'ENVIRONMENT',
    'ANNOTATIONS',
  ];
  const rows = reports
    .flatMap(({ resources }) => resources)
    .flatMap(({ resource, devices }) =>
      devices.length === 0 ? [[resource, '(none)']] : devices.map((device) => [resource, ...cells(device, isWide)]),
    );
  return { columns, rows };
}

function cells(device: DeviceReport, isWide: boolean): string[] {
  const { id, health, reason = '', numaNodes, nodes, mounts, cdiDevices, envs, annotations } = device;
  const nodeText = nodes.map(({ hostPath, containerPath, permissions }) =>
    isWide ? `${hostPath}:${containerPath}:${permissions}` : containerPath,
  );
  const mountText = mounts.map(({ hostPath, containerPath, readOnly }) =>
    isWide ? `${hostPath}:${containerPath}:${readOnly ? 'ro' : 'rw'}` : containerPath,
  );
  return [
    id,
    health,
    reason,
    numaNodes.join(','),
    nodeText.join(','),
    mountText.join(','),
    cdiDevices.join(','),
    pairs(envs),
    pairs(annotations),
  ];
}

function pairs(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
}

function remarkTable(reports: readonly PluginReport[]): Table {
  const rows = reports.flatMap(({ remarks }) => remarks.map((each) => [each.subject, each.message, each.reason]));
  return { columns: ['DEVICE', 'REMARK', 'REASON'], rows };
}

/** Of a plugin that has no devices to show. */
function explanation({ plugin, outcome, problem = '', resources, lookedAt }: PluginReport): string {
  if (outcome === 'failed') return `${plugin}: the scan failed: ${printable(problem)}\n`;
  if (outcome === 'refused') return `${plugin} does not run with these flags: ${printable(problem)}\n`;
  if (resources.some(({ devices }) => devices.length > 0)) return '';
  const places = lookedAt
    .slice(0, maxPlaces)
    .map(({ path, entries }) => `  ${printable(path)}: ${contentOf(entries)}\n`);
  const rest = lookedAt.length > maxPlaces ? `  and ${lookedAt.length - maxPlaces} more, which -o json names\n` : '';
  return `${plugin} found no devices${lookedAt.length === 0 ? '' : ` in`}\n${places.join('')}${rest}${whyNothing}`;
}

const maxPlaces = 12;

const whyNothing =
  '  There may be no such hardware, no driver for it loaded, or /sys and /dev of the host are not those that are seen here.\n';

function contentOf(entries: number | undefined): string {
  if (entries === undefined) return 'not there';
  return entries === 1 ? '1 entry' : `${entries} entries`;
}
