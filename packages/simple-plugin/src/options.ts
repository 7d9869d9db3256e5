// SPDX-License-Identifier: Apache-2.0
import { resourceNameProblem, type FlagDefinitions } from '@kube-device-plugins/core';
import { listKeys, resourceListsSchema } from './options/config-schema.ts';
import { rejectRepeats, type ConfigValue } from '@kube-device-plugins/core/config';
import { genericDomain, genericName, readGenericDevice } from './options/generic-devices.ts';
import { readHostResource, type HostResource } from './options/host-resource.ts';
import { checkSchema } from './options/schema.ts';
import {
  readSimulatedResource,
  simulatedResourceSchema,
  type SimulatedResource,
} from './options/simulated-resource.ts';

/** The flags of this plugin beside the common ones. Without resources in the file of -config the environment describes a simulated one. */
export const simpleFlags = {
  device: {
    type: 'strings',
    default: [],
    usage:
      'a resource as YAML, in the format of generic-device-plugin; may be given several times, and not with -config',
  },
  domain: {
    type: 'string',
    default: '',
    usage: `domain of the resources in the format of generic-device-plugin; ${genericDomain} when neither this nor the file names one`,
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
export type Resources = Pick<SimpleOptions, 'hostResources' | 'simulatedResources'>;

/**
 * Reads a whole configuration: a mapping with lists of resources, or the keys of one simulated resource at the top.
 * What is wrong with it is in `root.problems` afterwards; the result counts only when there is nothing.
 *
 * @param domain - of the resources in generic-device-plugin's format; empty: the configuration's own.
 */
export function readResources(root: ConfigValue, nodeName: string, domain: string): Resources {
  if (root.isAbsent) root.reject('is empty');
  else if (listKeys.some((key) => root.has(key))) return readLists(root, nodeName, domain);
  else if (root.keys().some((key) => simulatedKeys.includes(key))) {
    checkSchema(root, simulatedResourceSchema);
    return { hostResources: [], simulatedResources: [readSimulatedResource(root, nodeName)] };
  } else rejectWithoutResource(root);
  return { hostResources: [], simulatedResources: [] };
}

const simulatedKeys = Object.keys(simulatedResourceSchema.properties ?? {});

/** The keys of a file of -config that are neither flags nor maintenance. */
export const ownKeys = [...Object.keys(resourceListsSchema.properties ?? {}), ...simulatedKeys];

function readLists(root: ConfigValue, nodeName: string, domainFlag: string): Resources {
  const domain = domainFlag || root.at('domain').text(genericDomain);
  const hostItems = root.at('resources').items();
  const simulatedItems = root.at('simulated').items();
  const genericItems = ['devices', 'device'].flatMap((key) => root.at(key).items());
  rejectRepeats([
    ...hostItems.map((item) => item.at('name')),
    ...simulatedItems.map((item) => item.at('resourceName')),
    ...genericItems.map((item) => item.at('name').as(genericName(item, domain))),
  ]);
  checkSchema(root, resourceListsSchema);
  if (genericItems.length > 0) rejectDomain(root.at('domain').as(domain));
  return {
    hostResources: [...hostItems.map(readHostResource), ...genericItems.map((item) => readGenericDevice(item, domain))],
    simulatedResources: simulatedItems.map((item) => readSimulatedResource(item, nodeName)),
  };
}

function rejectDomain(domain: ConfigValue): void {
  const problem = resourceNameProblem(`${domain.text()}/name`);
  if (problem !== undefined) domain.rejectText(`as the domain of a resource ${problem}`);
}

function rejectWithoutResource(root: ConfigValue): void {
  const properties = { ...resourceListsSchema.properties, ...simulatedResourceSchema.properties };
  checkSchema(root, { type: 'object', additionalProperties: false, properties });
  if (root.problems.length === 0) root.reject('names no resource');
}
