// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { namesResources, pluginArguments, pluginConfig } from './plugin-config.ts';

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
  const paths = { kubeletDirectory: '/t/device-plugins', cdiDirectory: '/t/cdi', configFile: '/t/config.yaml' };

  it('gives each flag its value, and the last word to the person', () => {
    expect(pluginArguments(paths, ['-v', '4']).join(' ')).toBe(
      '-device-plugin-path /t/device-plugins -cdi-dir /t/cdi -metrics-bind-address 0 -logging-format json -config /t/config.yaml -v 4',
    );
  });

  it('gives a plugin that is not the simple one no configuration', () => {
    expect(pluginArguments({ ...paths, configFile: undefined }, [])).not.toContain('-config');
  });
});

describe('namesResources()', () => {
  it.each([
    [['-config', 'x.yaml'], true],
    [['-v=4', '--config=x.yaml'], true],
    [['--device', 'name: x'], true],
    [['-v', '4', '-device-plugin-path', '/x'], false],
    [[], false],
  ])('tells of %j that it is %s', (flags, expected) => {
    expect(namesResources(flags)).toBe(expected);
  });
});
