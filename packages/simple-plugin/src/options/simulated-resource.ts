// SPDX-License-Identifier: Apache-2.0
import { deviceIdProblem } from '@kube-device-plugins/core';
import type { ConfigValue } from '@kube-device-plugins/core/config';
import { optional, type Schema } from './schema.ts';
import { maxSimulatedDevices, readScriptStep, scriptSchema, type ScriptStep } from './script.ts';

/** Where `/dev/…` values take their last part from: the device's index, or its whole id. */
const valueStyles = ['index', 'id'] as const;

/**
 * Devices that do not exist, to try schedulers and pods with.
 * The names are those of the simulator whose parameters and configuration files are taken as they are: yevgeny-shnaidman/simple-device-plugin.
 */
export interface SimulatedResource {
  readonly resourceName: string;
  readonly numberDevicesOnNode: number;
  readonly pluginName: string;
  readonly deviceIDPrefix: string;
  readonly annotationPrefix: string;
  readonly envPrefix: string;
  readonly deviceFilePrefix: string;
  readonly valueStyle: (typeof valueStyles)[number];
  /** What happens to the devices in the course of time. */
  readonly script: readonly ScriptStep[];
}

/** What each parameter is without a value, its environment variable, and what it does (the README's table). */
export const simulatorParameters = {
  resourceName: {
    variable: 'RESOURCE_NAME',
    fallback: 'example.com/simple-device',
    meaning: 'full resource name',
  },
  numberDevicesOnNode: {
    variable: 'NUMBER_DEVICES',
    fallback: 2,
    meaning: 'number of devices, 0 to 100000',
  },
  deviceIDPrefix: {
    variable: 'DEVICE_ID_PREFIX',
    fallback: 'simple-device',
    meaning: 'device ids are `<prefix>-<NODE_NAME>-<index>`',
  },
  annotationPrefix: {
    variable: 'ANNOTATION_PREFIX',
    fallback: '',
    meaning: 'each device gives the annotation `<prefix>-<id>` with an empty value; empty: none',
  },
  envPrefix: {
    variable: 'ENV_PREFIX',
    fallback: '',
    meaning: 'each device gives the variable `<prefix>_<id>` with the value `/dev/<index>`; empty: none',
  },
  deviceFilePrefix: {
    variable: 'DEVICE_FILE_PREFIX',
    fallback: '',
    meaning: 'each device gives the device node `/dev/<prefix>-<index>`, which has to exist on the host; empty: none',
  },
  valueStyle: {
    variable: 'VALUE_STYLE',
    fallback: 'index',
    meaning: '`index`: as said above; `id`: `/dev/<id>` and `/dev/<prefix>-<id>`',
  },
  pluginName: {
    variable: 'PLUGIN_NAME',
    fallback: 'simple-device-plugin',
    meaning: 'only logged; sockets are named by `-socket-name-style`',
  },
} as const satisfies Record<Exclude<keyof SimulatedResource, 'script'>, SimulatorParameter>;

interface SimulatorParameter {
  readonly variable: string;
  readonly fallback: string | number;
  readonly meaning: string;
}

/** An item of `simulated`, a file that is one, or what the environment says. */
export const simulatedResourceSchema: Schema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    resourceName: parameter('resourceName', {
      type: 'string',
      format: 'resource-name',
      pattern: '^[^/\\s]+/[^/\\s]+$',
    }),
    numberDevicesOnNode: parameter('numberDevicesOnNode', {
      type: 'integer',
      minimum: 0,
      maximum: maxSimulatedDevices,
    }),
    deviceIDPrefix: parameter('deviceIDPrefix', { type: 'string', format: 'text' }),
    annotationPrefix: parameter('annotationPrefix', { type: 'string', format: 'text' }),
    envPrefix: parameter('envPrefix', { type: 'string', format: 'env-prefix', pattern: '^[^=]*$' }),
    deviceFilePrefix: parameter('deviceFilePrefix', { type: 'string', format: 'device-file-prefix' }),
    valueStyle: parameter('valueStyle', { type: 'string', enum: valueStyles }),
    pluginName: parameter('pluginName', { type: 'string', format: 'text' }),
    script: scriptSchema,
  },
};

/** Reads what {@link simulatedResourceSchema} has found sound. */
export function readSimulatedResource(value: ConfigValue, nodeName: string): SimulatedResource {
  const textOf = (key: Exclude<keyof SimulatedResource, 'script' | 'numberDevicesOnNode'>): string =>
    value.at(key).text(simulatorParameters[key].fallback);
  const resource: SimulatedResource = {
    resourceName: textOf('resourceName'),
    numberDevicesOnNode: value.at('numberDevicesOnNode').number(simulatorParameters.numberDevicesOnNode.fallback),
    pluginName: textOf('pluginName'),
    deviceIDPrefix: textOf('deviceIDPrefix'),
    annotationPrefix: textOf('annotationPrefix'),
    envPrefix: textOf('envPrefix'),
    deviceFilePrefix: textOf('deviceFilePrefix'),
    valueStyle: textOf('valueStyle') === 'id' ? 'id' : 'index',
    script: value.at('script').items().map(readScriptStep),
  };
  rejectLongIds(value.at('deviceIDPrefix'), resource, nodeName);
  return resource;
}

/** The id of one simulated device. */
export function simulatedId(resource: SimulatedResource, nodeName: string, index: number): string {
  return `${resource.deviceIDPrefix}-${nodeName}-${index}`;
}

function parameter(key: keyof typeof simulatorParameters, schema: Schema): Schema {
  const { fallback, meaning } = simulatorParameters[key];
  return optional({ ...schema, default: fallback, description: meaning.replaceAll('`', '') });
}

/** The highest index makes the longest id, so that one speaks for all. */
function rejectLongIds(prefix: ConfigValue, resource: SimulatedResource, nodeName: string): void {
  const added = resource.script.flatMap(({ action }) =>
    action.kind === 'add' && action.devices !== 'all' ? action.devices : [],
  );
  const highest = added.reduce((a, b) => Math.max(a, b), Math.max(0, resource.numberDevicesOnNode - 1));
  const id = simulatedId(resource, nodeName, highest);
  const reason = deviceIdProblem(id);
  if (reason !== undefined) {
    prefix.reject(
      `and the node's name (NODE_NAME) make the device id ${JSON.stringify(id).slice(0, 400)}, which ${reason}`,
    );
  }
}
