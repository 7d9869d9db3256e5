// SPDX-License-Identifier: Apache-2.0
import type { DeviceKind } from './host-devices.ts';

/** The resource of the simulated devices; the simulator's own default. */
export const simulatedResource = 'example.com/simple-device';

/** The simple plugin's configuration file, with these devices of the host and two simulated ones. JSON is YAML. */
export function pluginConfig(kinds: readonly DeviceKind[]): string {
  const resources = kinds.map(({ resource, pattern }) => ({ name: resource, devices: [{ path: pattern }] }));
  const simulated = [
    {
      resourceName: simulatedResource,
      numberDevicesOnNode: 2,
      envPrefix: 'SIMPLE_DEVICE',
      annotationPrefix: 'example.com/simple-device',
    },
  ];
  return `${JSON.stringify({ ...(resources.length > 0 && { resources }), simulated }, undefined, 2)}\n`;
}

/** Whether flags for the simple plugin say themselves what it is to publish. */
export function namesResources(flags: readonly string[]): boolean {
  return flags.some((flag) => /^--?(config|device)(=|$)/.test(flag));
}

/** Where a plugin is to find and leave its files. */
export interface PluginPaths {
  readonly kubeletDirectory: string;
  readonly cdiDirectory: string;
  /** Of the simple plugin only. */
  readonly configFile: string | undefined;
}

/**
 * The plugin's command line: the flags that every plugin has, and those of the person behind them, where they count.
 * Its HTTP server stays off: the port may be somebody else's.
 */
export function pluginArguments(
  { kubeletDirectory, cdiDirectory, configFile }: PluginPaths,
  given: readonly string[],
): string[] {
  return [
    ['-device-plugin-path', kubeletDirectory],
    ['-cdi-dir', cdiDirectory],
    ['-metrics-bind-address', '0'],
    ['-logging-format', 'json'],
    configFile === undefined ? [] : ['-config', configFile],
    given,
  ].flat();
}
