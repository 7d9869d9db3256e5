// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { pluginArguments, pluginConfig } from './plugin-config.ts';

describe('pluginConfig()', () => {
  it('names each kind of device, and the simulated ones', () => {
    expect(JSON.parse(pluginConfig([{ resource: 'host.example.com/loop', pattern: '/dev/loop[0-9]*' }]))).toMatchObject(
      {
        resources: [{ name: 'host.example.com/loop', devices: [{ path: '/dev/loop[0-9]*' }] }],
        simulated: [{ resourceName: 'example.com/simple-device', numberDevicesOnNode: 2 }],
      },
    );
  });

  it('leaves out the list of a host that has none, because the plugin refuses an empty one', () => {
    expect(JSON.parse(pluginConfig([]))).not.toHaveProperty('resources');
  });
});

describe('pluginArguments()', () => {
  it('gives each flag its value', () => {
    const paths = { kubeletDirectory: '/t/device-plugins', cdiDirectory: '/t/cdi', configFile: '/t/config.yaml' };
    expect(pluginArguments(paths).join(' ')).toBe(
      '-device-plugin-path /t/device-plugins -cdi-dir /t/cdi -config /t/config.yaml -metrics-bind-address 0 -logging-format json',
    );
  });
});
