// SPDX-License-Identifier: Apache-2.0
import type { CommonOptions, FlagDefinitions, FlagValues } from '@kube-device-plugins/core';
import { argumentError } from './options/argument-error.ts';
import { parseDeviceIdFilter, type DeviceIdFilter } from './options/device-ids.ts';
import { healthFlags, parseHealthOptions, type HealthOptions } from './options/health-options.ts';
import { parseResourceRules, type ResourceRules } from './options/resource-template.ts';

/** Prefix of all resources of this plugin. */
export const namespace = 'gpu.intel.com';

/** The flags of this plugin beside the common ones. Those of upstream have upstream's names, defaults and rules. */
export const gpuFlags = {
  'shared-dev-num': { type: 'int', default: 1, usage: 'number of containers that may share a card' },
  'allocation-policy': {
    type: 'string',
    default: 'none',
    usage:
      'which cards of a node to give to a container: balanced, packed, or none, which gives shares of different cards',
  },
  'allow-ids': { type: 'string', default: '', usage: 'PCI device ids of the only cards to publish: 0x56c0,0x56c1' },
  'deny-ids': { type: 'string', default: '', usage: 'PCI device ids of cards not to publish; not with -allow-ids' },
  'enable-monitoring': {
    type: 'bool',
    default: false,
    usage: 'publish a resource that gives all cards, for monitoring',
  },
  'monitoring-mode': {
    type: 'string',
    default: 'single',
    usage: 'single: one resource for monitoring; split: one for each driver',
  },
  bypath: {
    type: 'string',
    default: 'single',
    usage: 'what containers get of /dev/dri/by-path: single, the links of their cards; all, the whole directory; none',
  },
  wsl: { type: 'bool', default: false, usage: 'run in the Windows Subsystem for Linux' },
  'id-style': {
    type: 'string',
    default: 'card',
    usage: 'device ids by the number of the card, which may change with a reboot, or by its PCI address',
    choices: ['card', 'pci'],
  },
  'resource-name-template': {
    type: 'string',
    default: '{driver}',
    usage: 'names of resources, of {driver}, {device} and {class}: class=integrated:igpu,{driver}-{device}',
  },
  'resource-manager': { type: 'bool', default: false, usage: 'was removed; see the README' },
  ...healthFlags,
} as const satisfies FlagDefinitions;

/** What containers get of /dev/dri/by-path. */
export type ByPathMode = 'single' | 'all' | 'none';

/** What this plugin publishes, and how. */
export interface GpuOptions {
  /** Ids of each card. */
  readonly shareCount: number;
  readonly allocationPolicy: 'none' | 'balanced' | 'packed';
  readonly deviceIds: DeviceIdFilter;
  readonly monitoring: 'none' | 'single' | 'split';
  readonly byPath: ByPathMode;
  readonly isWsl: boolean;
  /** Where a sidecar tells which cards there are in WSL. */
  readonly levelZeroSocket: string;
  readonly idStyle: 'card' | 'pci';
  readonly resourceRules: ResourceRules;
  readonly health: HealthOptions;
  readonly scanPeriodMs: number;
}

/** The values of the flags that this plugin reads. */
export type GpuFlagValues = FlagValues<typeof gpuFlags> & Pick<CommonOptions, 'scanPeriodMs'>;

/**
 * What the flags say, checked in upstream's order.
 *
 * @throws DevicePluginError `FLAG_INVALID` with upstream's text. Upstream: cmd/gpu_plugin/gpu_plugin.go, checkArguments.
 */
export function parseGpuOptions(flags: GpuFlagValues): GpuOptions {
  if (flags['resource-manager']) throw argumentError(resourceManagerIsGone);
  const shareCount = parseShareCount(flags['shared-dev-num']);
  const allocationPolicy = flags['allocation-policy'];
  if (!isOneOf(['none', 'balanced', 'packed'], allocationPolicy))
    throw argumentError('invalid value for preferredAllocationPolicy, the valid values: balanced, packed, none');
  const deviceIds = parseDeviceIdFilter(flags['allow-ids'], flags['deny-ids']);
  const mode = flags['monitoring-mode'];
  if (!isOneOf(['single', 'split'], mode))
    throw argumentError('invalid value for monitoring-mode, valid values: split, single');
  if (flags.wsl) rejectInWsl(flags);
  return {
    shareCount,
    allocationPolicy,
    deviceIds,
    monitoring: flags['enable-monitoring'] ? mode : 'none',
    byPath: isByPathMode(flags.bypath) ? flags.bypath : 'single',
    isWsl: flags.wsl,
    levelZeroSocket: flags['levelzero-socket'],
    health: parseHealthOptions(flags),
    idStyle: flags['id-style'],
    resourceRules: parseResourceRules(flags['resource-name-template'], namespace),
    scanPeriodMs: flags.scanPeriodMs,
  };
}

/** Whether this is one of the modes of `-bypath`; upstream takes anything else for `single`. */
export function isByPathMode(text: string): text is ByPathMode {
  return isOneOf(['single', 'all', 'none'], text);
}

const resourceManagerIsGone =
  '-resource-manager and its fractional resources (millicores, memory.max, tiles) were removed in v0.34.0 of the plugin for which it was; ' +
  'leave it out, and share cards with -shared-dev-num, or use the DRA driver for Intel GPUs to share them by their memory';

/** More ids than this of one card would not fit into the list that a kubelet takes. Source: the 4 MiB of gRPC, at 40 bytes an id. */
const maxShareCount = 100_000;

function parseShareCount(count: number): number {
  if (count < 1) throw argumentError('the number of containers sharing the same GPU must greater than zero');
  if (count > maxShareCount)
    throw argumentError(`the number of containers sharing the same GPU must be at most ${maxShareCount}`);
  return count;
}

function rejectInWsl(flags: GpuFlagValues): void {
  if (flags['enable-monitoring']) throw argumentError('monitoring is not supported within WSL.');
  if (flags['health-management'] || flags['xpumd-endpoint'] !== '' || flags['health-source'] !== '')
    throw argumentError('health management is not supported within WSL.');
}

function isOneOf<Word extends string>(words: readonly Word[], text: string): text is Word {
  return (words as readonly string[]).includes(text);
}
