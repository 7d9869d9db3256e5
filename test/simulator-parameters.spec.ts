// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkSettings } from '@kube-device-plugins/deploy/parameters';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '..');

interface SimulatorParameter {
  readonly variable: string;
  readonly fallback: string | number;
}

let parameters: Readonly<Record<string, SimulatorParameter>>;
let readOptions: (flags: object, env: object, text: undefined) => Promise<unknown>;

beforeAll(async () => {
  const options = join(root, 'packages/simple-plugin/src/options');
  const simulated = (await import(join(options, 'simulated-resource.ts'))) as {
    readonly simulatorParameters: typeof parameters;
  };
  parameters = simulated.simulatorParameters;
  ({ readOptions } = (await import(join(options, 'read-options.ts'))) as { readOptions: typeof readOptions });
});

describe('the parameters of the simulator', () => {
  it('are those of the plugin in the overlay, with its defaults', () => {
    const text = readFileSync(join(root, 'deployments/simple-plugin/overlays/simulator/parameters.yaml'), 'utf8');
    const { spec } = parse(text) as {
      readonly spec: { readonly template: { readonly spec: { readonly containers: readonly { env: object[] }[] } } };
    };
    const [container] = spec.template.spec.containers;
    const ofPlugin = Object.values(parameters).map(({ variable, fallback }) => ({
      name: variable,
      value: String(fallback),
    }));
    expect(container?.env).toHaveLength(ofPlugin.length);
    expect(container?.env).toEqual(expect.arrayContaining(ofPlugin));
  });

  it.each([
    ['NUMBER_DEVICES', '0'],
    ['NUMBER_DEVICES', '100000'],
    ['NUMBER_DEVICES', '100001'],
    ['NUMBER_DEVICES', '-1'],
    ['NUMBER_DEVICES', '1.5'],
    ['NUMBER_DEVICES', 'four'],
    ['RESOURCE_NAME', 'example.com/red'],
    ['RESOURCE_NAME', 'red'],
    ['RESOURCE_NAME', 'kubernetes.io/red'],
    ['RESOURCE_NAME', 'example.com/a/b'],
    ['ENV_PREFIX', 'RED'],
    ['ENV_PREFIX', 'RED=1'],
    ['DEVICE_FILE_PREFIX', 'dri/card'],
    ['DEVICE_FILE_PREFIX', '../card'],
    ['DEVICE_FILE_PREFIX', 'a/../../card'],
    ['VALUE_STYLE', 'id'],
    ['VALUE_STYLE', 'ids'],
    ['PLUGIN_NAME', 'any text'],
  ])('%s=%s is taken by npm run deploy where the plugin takes it', async (name, value) => {
    const flags = { config: '', device: [], domain: '', scanPeriodMs: 5_000 };
    const taken = await readOptions(flags, { NODE_NAME: 'node', [name]: value }, undefined).then(
      () => true,
      () => false,
    );
    const known = Object.values(parameters).map(({ variable }) => variable);
    const check = expect(() => checkSettings({ [name]: value }, known));
    if (taken) check.not.toThrow();
    else check.toThrow(`${name}=${value}: `);
  });
});
