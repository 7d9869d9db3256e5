// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '@kube-device-plugins/core';
import { parseConfigDocument, rejectProblems } from '@kube-device-plugins/core/config';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readResources, type SimpleOptions } from '../options.ts';
import { pathRule } from '../../test/path-rule.ts';
import { readOptions, rejectContradiction } from './read-options.ts';
import { simulatorParameters } from './simulated-resource.ts';

type Environment = Record<string, string>;

const flags = { config: '', device: [], domain: '', scanPeriodMs: 5_000 };

const fromEnvironment = (env: Environment): Promise<SimpleOptions> => readOptions(flags, env, undefined);

const fromFile = (text: string, env: Environment = {}, domain = ''): Promise<SimpleOptions> =>
  parseConfigDocument('x.yaml', text).then((document) => {
    readResources(document.root, env['NODE_NAME'] ?? '', domain);
    rejectProblems(document);
    return readOptions({ ...flags, config: 'x.yaml', domain }, env, document.root.value);
  });

const fromFlags = (device: readonly string[], domain = ''): Promise<SimpleOptions> =>
  readOptions({ ...flags, device, domain }, {}, undefined);

async function messageOf(options: Promise<SimpleOptions>): Promise<string> {
  const error: unknown = await options.catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
  return error instanceof Error ? error.message : '';
}

const defaults = {
  resourceName: 'example.com/simple-device',
  numberDevicesOnNode: 2,
  pluginName: 'simple-device-plugin',
  deviceIDPrefix: 'simple-device',
  annotationPrefix: '',
  envPrefix: '',
  deviceFilePrefix: '',
  valueStyle: 'index',
  script: [],
};

describe('readOptions() without a file', () => {
  it("gives the simulator's defaults for an empty environment", async () => {
    expect(await fromEnvironment({})).toEqual({
      hostResources: [],
      simulatedResources: [defaults],
      nodeName: '',
      scanPeriodMs: 5_000,
    });
  });

  it('reads each parameter from its variable', async () => {
    const env = {
      RESOURCE_NAME: 'example.com/red',
      NUMBER_DEVICES: '3',
      PLUGIN_NAME: 'red-plugin',
      DEVICE_ID_PREFIX: 'red',
      ANNOTATION_PREFIX: 'note',
      ENV_PREFIX: 'RED',
      DEVICE_FILE_PREFIX: 'red',
      VALUE_STYLE: 'id',
      NODE_NAME: 'node1',
    };
    expect(await fromEnvironment(env)).toMatchObject({
      nodeName: 'node1',
      simulatedResources: [
        {
          resourceName: 'example.com/red',
          numberDevicesOnNode: 3,
          pluginName: 'red-plugin',
          deviceIDPrefix: 'red',
          annotationPrefix: 'note',
          envPrefix: 'RED',
          deviceFilePrefix: 'red',
          valueStyle: 'id',
        },
      ],
    });
  });

  it('takes an empty variable for none', async () => {
    const empty = Object.values(simulatorParameters).map(({ variable }) => [variable, '']);
    expect((await fromEnvironment(Object.fromEntries(empty) as Environment)).simulatedResources).toEqual([defaults]);
  });

  it('names every variable that is wrong', async () => {
    const env = {
      RESOURCE_NAME: 'red',
      NUMBER_DEVICES: '-1',
      DEVICE_ID_PREFIX: 'x'.repeat(70),
      ENV_PREFIX: 'A=B',
      DEVICE_FILE_PREFIX: '../etc/x',
      VALUE_STYLE: 'name',
    };
    expect((await messageOf(fromEnvironment(env))).split('\n').sort()).toEqual([
      'environment variable DEVICE_FILE_PREFIX: "../etc/x" has an empty, "." or ".." part',
      expect.stringMatching(
        /^environment variable DEVICE_ID_PREFIX: and the node's name \(NODE_NAME\) make the device id "x{70}--0", which is 73 characters long/,
      ),
      'environment variable ENV_PREFIX: "A=B" has a "=", which no variable name may have',
      'environment variable NUMBER_DEVICES: has to be a whole number from 0 to 100000',
      'environment variable RESOURCE_NAME: "red" is not of the form domain/name',
      'environment variable VALUE_STYLE: has to be one of index, id',
    ]);
  });

  it.each(['two', '1.5', '0x2', ' 2', '1e2', '100001'])('refuses NUMBER_DEVICES=%j', async (value) => {
    expect(await messageOf(fromEnvironment({ NUMBER_DEVICES: value }))).toMatch(
      /^environment variable NUMBER_DEVICES: /,
    );
  });

  it("refuses a node's name that makes ids too long", async () => {
    expect(await messageOf(fromEnvironment({ NODE_NAME: 'n'.repeat(50) }))).toContain('66 characters');
  });

  it('throws nothing but CONFIG_INVALID, whatever the environment', async () => {
    const names = Object.values(simulatorParameters).map(({ variable }) => variable);
    const value = fc.oneof(fc.string(), fc.integer().map(String), fc.string({ unit: 'binary' }));
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.constantFrom('NODE_NAME', ...names), value), async (env) => {
        await expectSoundOrInvalid(fromEnvironment(env));
      }),
    );
  });
});

describe('readOptions() with -device', () => {
  it('reads a resource from each', async () => {
    const device = [
      'name: a\ngroups: [{paths: [{path: /dev/a}]}]',
      '{"name":"b","groups":[{"paths":[{"path":"/dev/b"}]}]}',
    ];
    expect((await fromFlags(device)).hostResources.map(({ name }) => name)).toEqual(['squat.ai/a', 'squat.ai/b']);
    expect((await fromFlags(device, 'a.b')).hostResources.map(({ name }) => name)).toEqual(['a.b/a', 'a.b/b']);
  });

  it('says which flag is wrong, and where', async () => {
    const message = await messageOf(fromFlags(['name: a\ngroups: [{paths: [{path: /dev/a}]}]', 'name: b\ngroups: x']));
    expect(message).toBe('-device[1]:2:9: groups: has to be a list with at least one item');
    expect(await messageOf(fromFlags(['serial,/dev/ttyUSB*']))).toContain('-device[0]:1:1: has to be a mapping');
    expect(await messageOf(fromFlags(['name: a\ngroups: [{paths: [{path: /dev/a}]}]'], 'A'))).toMatch(/^-domain: "A" /);
  });

  it('refuses to mix it with -config', () => {
    expect(() => rejectContradiction({ ...flags, config: 'x', device: ['y'] })).toThrow(/exclude each other/);
    for (const sound of [flags, { ...flags, config: 'x' }, { ...flags, device: ['y'] }]) rejectContradiction(sound);
  });
});

describe('readOptions() with a file', () => {
  it('reads the file of the original simulator as it is', async () => {
    const text = [
      'resourceName: example.com/simple-device',
      'numberDevicesOnNode: 4',
      'pluginName: simple-device-plugin',
      'deviceIDPrefix: simple-device',
      'annotationPrefix: ',
      'envPrefix: ""',
      'deviceFilePrefix:',
    ].join('\n');
    expect((await fromFile(text)).simulatedResources).toEqual([{ ...defaults, numberDevicesOnNode: 4 }]);
  });

  it('reads host and simulated resources', async () => {
    const text = `
      resources:
        - name: example.com/fuse
          devices: [{ path: /dev/fuse }]
        - name: other.example.com/loop
          devices: [{ path: '/dev/loop[0-3]', permissions: r }, { path: /dev/loop-control, permissions: rwm }]
      simulated:
        - resourceName: example.com/red
        - resourceName: example.com/blue
          numberDevicesOnNode: 0
    `;
    expect(await fromFile(text, { NODE_NAME: 'n' })).toEqual({
      nodeName: 'n',
      scanPeriodMs: 5_000,
      hostResources: [
        { name: 'example.com/fuse', devices: [pathRule({ path: '/dev/fuse' })] },
        {
          name: 'other.example.com/loop',
          devices: [
            pathRule({ path: '/dev/loop[0-3]', permissions: 'r' }),
            pathRule({ path: '/dev/loop-control', permissions: 'rwm' }),
          ],
        },
      ],
      simulatedResources: [
        { ...defaults, resourceName: 'example.com/red' },
        { ...defaults, resourceName: 'example.com/blue', numberDevicesOnNode: 0 },
      ],
    });
  });

  it('does not mix it with the environment', async () => {
    const { simulatedResources } = await fromFile('numberDevicesOnNode: 1', { RESOURCE_NAME: 'example.com/red' });
    expect(simulatedResources).toEqual([{ ...defaults, numberDevicesOnNode: 1 }]);
  });

  it('throws nothing but CONFIG_INVALID, whatever the file says', async () => {
    const keys = [
      'resources',
      'simulated',
      'name',
      'devices',
      'path',
      'permissions',
      'groups',
      'paths',
      'usb',
      'count',
      'script',
      'fail',
      'flap',
      ...Object.keys(simulatorParameters),
    ];
    const leaf = fc.oneof(fc.jsonValue(), fc.constantFrom('/dev/fuse', '/dev/[', 'a.b/c', 'rw', 2, null));
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        leaf,
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...keys), tie('tree'), { maxKeys: 4 }),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(tree, async (value) => {
        await expectSoundOrInvalid(fromFile(JSON.stringify(value)));
      }),
      { numRuns: 1_000 },
    );
  });
});

async function expectSoundOrInvalid(options: Promise<SimpleOptions>): Promise<void> {
  try {
    const { hostResources, simulatedResources } = await options;
    expect(hostResources.length + simulatedResources.length).toBeGreaterThan(0);
  } catch (error) {
    expect(error).toBeInstanceOf(DevicePluginError);
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
  }
}
