// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '@kube-device-plugins/core';

/** Quantities by the names of resources, as a pod spec has them. */
export type Quantities = Readonly<Record<string, string | number>>;

/**
 * How many of each resource of a namespace a container wants, by the name behind the slash, sorted. In what an API server hands to a
 * webhook, whatever is limited is requested too (pkg/apis/core/v1, SetDefaults_Pod); a pod where it is not has not been there.
 *
 * @throws DevicePluginError `CONFIG_INVALID` when limit and request differ, as Kubernetes demands for devices, or are no whole numbers.
 */
export function requestedResources(
  limits: Quantities,
  requests: Quantities,
  namespace: string,
): ReadonlyMap<string, number> {
  const prefix = `${namespace}/`;
  const names = [...new Set([...Object.keys(limits), ...Object.keys(requests)])].filter((name) =>
    name.startsWith(prefix),
  );
  return new Map(
    names.sort().map((name) => {
      const [limit, request] = [limits, requests].map((quantities) => countOf(name, quantities[name]));
      if (limit !== undefined && limit === request) return [name.slice(prefix.length), limit];
      throw invalid(
        `limits and requests of ${name} must be equal; they are ${limit ?? 'none'} and ${request ?? 'none'}`,
      );
    }),
  );
}

function countOf(name: string, quantity: string | number | undefined): number | undefined {
  if (quantity === undefined) return undefined;
  if (/^\d{1,9}$/.test(String(quantity))) return Number(quantity);
  throw invalid(`the quantity of ${name} must be a whole number, not ${JSON.stringify(quantity)}`);
}

function invalid(message: string): DevicePluginError {
  return new DevicePluginError('CONFIG_INVALID', message);
}
