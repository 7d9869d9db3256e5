// SPDX-License-Identifier: Apache-2.0
import type { FlagDefinitions } from '@kube-device-plugins/core';
import { rejectRepeats, type ConfigValue } from './options/config-value.ts';
import { readHostResource, type HostResource } from './options/host-resource.ts';
import { readSimulatedResource, simulatorKeys, type SimulatedResource } from './options/simulated-resource.ts';

/** The flags of this plugin beside the common ones. */
export const simpleFlags = {
  config: {
    type: 'string',
    default: '',
    usage: 'YAML file that names the resources; without it the environment describes one simulated resource',
  },
} as const satisfies FlagDefinitions;

/** What this plugin publishes. */
export interface SimpleOptions {
  readonly hostResources: readonly HostResource[];
  readonly simulatedResources: readonly SimulatedResource[];
  /** Part of the ids of simulated devices; may be empty. */
  readonly nodeName: string;
  readonly scanPeriodMs: number;
}

/** The resources of a configuration. */
type Resources = Pick<SimpleOptions, 'hostResources' | 'simulatedResources'>;

/**
 * Reads a whole configuration: a mapping with `resources` and `simulated`, or the keys of one simulated resource at the top.
 * What is wrong with it is in `root.problems` afterwards; the result counts only when there is nothing.
 */
export function readResources(root: ConfigValue, nodeName: string): Resources {
  if (listKeys.some((key) => root.has(key))) return readLists(root, nodeName);
  if (simulatorKeys.some((key) => root.has(key))) {
    return { hostResources: [], simulatedResources: [readSimulatedResource(root, nodeName)] };
  }
  if (root.isAbsent) root.reject('is empty');
  else if (root.isMapping([...listKeys, ...simulatorKeys])) root.reject('names no resource');
  return { hostResources: [], simulatedResources: [] };
}

const listKeys = ['resources', 'simulated'];

function readLists(root: ConfigValue, nodeName: string): Resources {
  root.isMapping(listKeys);
  const itemsOf = (key: string) => (root.has(key) ? root.at(key).items() : []);
  const hostItems = itemsOf('resources');
  const simulatedItems = itemsOf('simulated');
  const names = [...hostItems.map((item) => item.at('name')), ...simulatedItems.map((item) => item.at('resourceName'))];
  rejectRepeats(names);
  return {
    hostResources: hostItems.map(readHostResource),
    simulatedResources: simulatedItems.map((item) => readSimulatedResource(item, nodeName)),
  };
}
