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

/** Where the plugin is to find and leave its files. */
export interface PluginPaths {
  readonly kubeletDirectory: string;
  readonly cdiDirectory: string;
  readonly configFile: string;
}

/** The plugin's command line. Its HTTP server stays off: the port may be somebody else's. */
export function pluginArguments({ kubeletDirectory, cdiDirectory, configFile }: PluginPaths): string[] {
  return [
    ['-device-plugin-path', kubeletDirectory],
    ['-cdi-dir', cdiDirectory],
    ['-config', configFile],
    ['-metrics-bind-address', '0'],
    ['-logging-format', 'json'],
  ].flat();
}
