// SPDX-License-Identifier: Apache-2.0
import { deviceIdProblem, resourceNameProblem } from '@kube-device-plugins/core';
import type { ConfigValue } from './config-value.ts';
import { devicePathProblem } from './path-pattern.ts';

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
} as const satisfies Record<keyof SimulatedResource, SimulatorParameter>;

interface SimulatorParameter {
  readonly variable: string;
  readonly fallback: string | number;
  readonly meaning: string;
}

/** The keys of a simulated resource. */
export const simulatorKeys = Object.keys(simulatorParameters);

/** Reads an item of `simulated`, a file that is one, or the environment. */
export function readSimulatedResource(value: ConfigValue, nodeName: string): SimulatedResource {
  const { resourceName, numberDevicesOnNode, pluginName, deviceIDPrefix, valueStyle } = simulatorParameters;
  value.isMapping(simulatorKeys);
  const resource: SimulatedResource = {
    resourceName: value.at('resourceName').text(resourceNameProblem, resourceName.fallback),
    numberDevicesOnNode: value.at('numberDevicesOnNode').count(maxSimulatedDevices, numberDevicesOnNode.fallback),
    pluginName: value.at('pluginName').text(anything, pluginName.fallback),
    deviceIDPrefix: value.at('deviceIDPrefix').text(anything, deviceIDPrefix.fallback),
    annotationPrefix: value.at('annotationPrefix').text(anything, ''),
    envPrefix: value.at('envPrefix').text(envPrefixProblem, ''),
    deviceFilePrefix: value.at('deviceFilePrefix').text(deviceFilePrefixProblem, ''),
    valueStyle: value.at('valueStyle').choice(valueStyles, valueStyle.fallback),
  };
  rejectLongIds(value.at('deviceIDPrefix'), resource, nodeName);
  return resource;
}

/** The id of one simulated device. */
export function simulatedId(resource: SimulatedResource, nodeName: string, index: number): string {
  return `${resource.deviceIDPrefix}-${nodeName}-${index}`;
}

/** More do not fit: one device with an id of 20 characters takes 39 bytes of the 4 MiB that a kubelet receives. */
const maxSimulatedDevices = 100_000;

/** The highest index makes the longest id, so that one speaks for all. */
function rejectLongIds(prefix: ConfigValue, resource: SimulatedResource, nodeName: string): void {
  const id = simulatedId(resource, nodeName, Math.max(0, resource.numberDevicesOnNode - 1));
  const reason = deviceIdProblem(id);
  if (reason !== undefined) {
    prefix.reject(
      `and the node's name (NODE_NAME) make the device id ${JSON.stringify(id).slice(0, 400)}, which ${reason}`,
    );
  }
}

function anything(): undefined {
  return undefined;
}

function envPrefixProblem(prefix: string): string | undefined {
  return prefix.includes('=') ? 'has a "=", which no variable name may have' : undefined;
}

function deviceFilePrefixProblem(prefix: string): string | undefined {
  return prefix === '' ? undefined : devicePathProblem(`/dev/${prefix}`);
}
