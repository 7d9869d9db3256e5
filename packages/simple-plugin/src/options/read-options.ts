// SPDX-License-Identifier: Apache-2.0
import { log } from '@kube-device-plugins/core';
import { readResources, type SimpleOptions } from '../options.ts';
import { parseConfigDocument, rejectProblems, type ConfigDocument } from './config-document.ts';
import { ConfigValue } from './config-value.ts';
import { simulatorParameters } from './simulated-resource.ts';

/** The values of the flags that are read here; `simpleFlags` and the common ones define them. */
export interface SimpleFlags {
  readonly config: string;
  readonly scanPeriodMs: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the configuration file if one is named, else the environment. They are never mixed; only NODE_NAME is from the environment always.
 *
 * @param readConfigFile gives the text of the file, or throws `CONFIG_INVALID`.
 * @throws DevicePluginError `CONFIG_INVALID` with everything that is wrong: a line with file, key and reason for each.
 */
export async function readOptions(
  flags: SimpleFlags,
  env: Environment,
  readConfigFile: (file: string) => Promise<string>,
): Promise<SimpleOptions> {
  const nodeName = env['NODE_NAME'] ?? '';
  const document =
    flags.config === ''
      ? environmentDocument(env)
      : await parseConfigDocument(flags.config, await readConfigFile(flags.config));
  const resources = readResources(document.root, nodeName);
  rejectProblems(document);
  if (flags.config !== '') warnOfUnused(env);
  return { ...resources, nodeName, scanPeriodMs: flags.scanPeriodMs };
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

function warnOfUnused(env: Environment): void {
  const variables = parameters.map(([, { variable }]) => variable).filter((name) => textOf(env, name) !== undefined);
  if (variables.length > 0) log.warn('variables of the simulator are not used beside -config', { variables });
}
