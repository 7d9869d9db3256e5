// SPDX-License-Identifier: Apache-2.0
import { printable } from '@kube-device-plugins/terminal';

/** What a container gets from the plugins. */
export interface ContainerResources {
  readonly devices: readonly {
    readonly hostPath: string;
    readonly containerPath: string;
    readonly permissions: string;
  }[];
  readonly envs: Readonly<Record<string, string>>;
  readonly mounts: readonly { readonly hostPath: string; readonly containerPath: string; readonly readOnly: boolean }[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly cdiDevices: readonly string[];
}

/** A list for people: nodes, environment and mounts always, annotations and CDI devices when there are any. */
export function containerLines(container: ContainerResources): string[] {
  const nodes = container.devices.map(
    ({ hostPath, containerPath, permissions }) => `${paths(hostPath, containerPath)} (${permissions})`,
  );
  const mounts = container.mounts.map(
    ({ hostPath, containerPath, readOnly }) =>
      `${paths(hostPath, containerPath)} (${readOnly ? 'read-only' : 'read-write'})`,
  );
  return [
    ...section('device nodes', nodes),
    ...section('environment', assignments(container.envs)),
    ...section('mounts', mounts),
    ...optionalSection('annotations', assignments(container.annotations)),
    ...optionalSection('CDI devices', container.cdiDevices),
  ];
}

function paths(hostPath: string, containerPath: string): string {
  return hostPath === containerPath ? hostPath : `${containerPath}, on the host ${hostPath}`;
}

function assignments(record: Readonly<Record<string, string>>): string[] {
  return Object.entries(record).map(([name, value]) => `${name}=${value}`);
}

function section(title: string, items: readonly string[]): string[] {
  const shown = items.length === 0 ? ['none'] : items.map(printable);
  return shown.map((item, index) => `  ${(index === 0 ? title : '').padEnd(labelWidth)}${item}`);
}

function optionalSection(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : section(title, items);
}

const labelWidth = 'device nodes'.length + 2;
