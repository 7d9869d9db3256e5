// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, log } from '@kube-device-plugins/core';
import {
  ConfigValue,
  keyOf,
  parseConfigDocument,
  rejectProblems,
  type ConfigDocument,
} from '@kube-device-plugins/core/config';
import { readResources, type SimpleOptions } from '../options.ts';
import { unusedKeys } from './config-schema.ts';
import { simulatorParameters } from './simulated-resource.ts';

/** The values of the flags that are read here; `simpleFlags` and the common ones define them. */
export interface SimpleFlags {
  readonly config: string;
  readonly device: readonly string[];
  readonly domain: string;
  readonly scanPeriodMs: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads what the configuration file says of resources if it does, else the -device flags if there are any, else the environment. They are never mixed;
 * only NODE_NAME is from the environment always.
 *
 * @param own - the keys of the file that are this plugin's own, which have been checked; undefined where there are none.
 * @throws DevicePluginError `CONFIG_INVALID` with everything that is wrong: a line with place, key and reason for each.
 */
export async function readOptions(flags: SimpleFlags, env: Environment, own: unknown): Promise<SimpleOptions> {
  const nodeName = env['NODE_NAME'] ?? '';
  const document = await configDocument(flags, env, own);
  const resources = readResources(document.root, nodeName, flags.domain);
  rejectProblems(document);
  warnOfUnused(document.root, own === undefined && flags.device.length === 0 ? {} : env);
  return { ...resources, nodeName, scanPeriodMs: flags.scanPeriodMs };
}

/** @throws DevicePluginError `FLAG_INVALID` for flags that contradict each other. */
export function rejectContradiction({ config, device }: SimpleFlags): void {
  if (config === '' || device.length === 0) return;
  throw new DevicePluginError('FLAG_INVALID', '-device and -config exclude each other: write the devices to the file');
}

async function configDocument(
  { config, device }: SimpleFlags,
  env: Environment,
  own: unknown,
): Promise<ConfigDocument> {
  if (own !== undefined)
    return { root: new ConfigValue(own), placeOf: (path) => [config, keyOf(path)].filter(Boolean).join(': ') };
  return device.length > 0 ? await deviceFlagsDocument(device) : environmentDocument(env);
}

/** A file that lists what the flags say, each of which is a text with lines of its own. */
async function deviceFlagsDocument(texts: readonly string[]): Promise<ConfigDocument> {
  const documents = await Promise.all(texts.map((text, index) => parseConfigDocument(`-device[${index}]`, text)));
  return {
    root: new ConfigValue({ devices: documents.map(({ root }) => root.value) }),
    placeOf: ([, index, ...path]) => documents[Number(index)]?.placeOf(path) ?? '-domain',
  };
}

const parameters = Object.entries(simulatorParameters);

/** The keys of a file that describes one simulated resource, from their variables. */
function environmentDocument(env: Environment): ConfigDocument {
  const values = parameters.map(([key, { variable, fallback }]) => [key, typedAs(fallback, textOf(env, variable))]);
  const variables = new Map<unknown, string>(parameters.map(([key, { variable }]) => [key, variable]));
  return {
    root: new ConfigValue(Object.fromEntries(values)),
    placeOf: ([key]) => `environment variable ${variables.get(key) ?? ''}`,
  };
}

/** An empty variable is none: a deployment made from a template cannot leave one out. */
function textOf(env: Environment, variable: string): string | undefined {
  return env[variable] === '' ? undefined : env[variable];
}

function typedAs(fallback: string | number, text: string | undefined): string | number {
  if (text === undefined) return fallback;
  return typeof fallback === 'number' && /^-?\d+$/.test(text) ? Number(text) : text;
}

function warnOfUnused(root: ConfigValue, env: Environment): void {
  const variables = parameters.map(([, { variable }]) => variable).filter((name) => textOf(env, name) !== undefined);
  if (variables.length > 0) log.warn('variables of the simulator are not used beside a configuration', { variables });
  const keys = unusedKeys.filter((key) => root.has(key));
  if (keys.length > 0)
    log.warn('keys of generic-device-plugin without effect here; flags of this plugin do the same', { keys });
}
