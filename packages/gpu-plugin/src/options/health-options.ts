// SPDX-License-Identifier: Apache-2.0
import type { FlagDefinitions, FlagValues } from '@kube-device-plugins/core';
import { argumentError } from './argument-error.ts';

/** Where the health of cards comes from, and what makes it good or bad. */
export interface HealthOptions {
  readonly source: 'none' | 'level-zero' | 'xpumd' | 'sysfs';
  /** Unix socket of level-zero or xpumd; empty for the others. */
  readonly socket: string;
  readonly limits: TemperatureLimits;
  /** Whether a PCI link below what its ends can do is bad; only of sysfs. */
  readonly checksLink: boolean;
  /** This many bad readings in a row make a card unhealthy; at least 1. */
  readonly badReadings: number;
  /** This many good readings in a row make it healthy again; at least 1. */
  readonly goodReadings: number;
  /** What becomes of the health of cards while the source does not answer. */
  readonly away: 'keep' | 'unhealthy';
}

/** Temperatures in °C; a card is bad above them. */
export interface TemperatureLimits {
  readonly globalCelsius: number;
  readonly gpuCelsius: number;
  readonly memoryCelsius: number;
}

const defaultLimitCelsius = 100;

/** The flags about health. */
export const healthFlags = {
  'health-management': {
    type: 'bool',
    default: false,
    usage: 'take the health of cards from the Level-Zero sidecar',
  },
  'xpumd-endpoint': {
    type: 'string',
    default: '',
    usage: 'unix socket of xpumd, to take the health of cards from it; empty: not from it',
  },
  'health-source': {
    type: 'string',
    default: '',
    usage:
      'sysfs: take the health of cards from the kernel; empty: from what -health-management or -xpumd-endpoint say',
    check: (source: string) => (source === '' || source === 'sysfs' ? undefined : 'must be sysfs or empty'),
  },
  'levelzero-socket': {
    type: 'string',
    default: '/var/lib/levelzero/server.sock',
    usage: 'unix socket of the Level-Zero sidecar',
    check: (path: string) => (path.startsWith('/') && !path.includes('\0') ? undefined : 'must be an absolute path'),
  },
  'temp-limit': temperatureFlag('any part of a card'),
  'gpu-temp-limit': temperatureFlag('the GPU of a card'),
  'memory-temp-limit': temperatureFlag('the memory of a card'),
  'health-link-check': {
    type: 'bool',
    default: true,
    usage:
      'with -health-source=sysfs: a card is bad whose PCI link is below what its ends can do; false where a riser is narrower',
  },
  'health-bad-readings': countFlag('bad readings in a row after which a card is unhealthy'),
  'health-good-readings': countFlag('good readings in a row after which it is healthy again'),
  'health-away': {
    type: 'string',
    default: 'keep',
    usage: 'health of cards while nobody can tell it: as it was, or unhealthy',
    choices: ['keep', 'unhealthy'],
  },
} as const satisfies FlagDefinitions;

/**
 * What the flags about health say.
 *
 * @throws DevicePluginError `FLAG_INVALID` for what does not go together.
 */
export function parseHealthOptions(flags: FlagValues<typeof healthFlags>): HealthOptions {
  rejectContradictions(flags);
  const source = sourceOf(flags);
  const sockets = { 'level-zero': flags['levelzero-socket'], xpumd: flags['xpumd-endpoint'], sysfs: '', none: '' };
  return {
    source,
    socket: sockets[source],
    limits: {
      globalCelsius: flags['temp-limit'],
      gpuCelsius: flags['gpu-temp-limit'],
      memoryCelsius: flags['memory-temp-limit'],
    },
    checksLink: flags['health-link-check'],
    badReadings: flags['health-bad-readings'],
    goodReadings: flags['health-good-readings'],
    away: flags['health-away'],
  };
}

/** Upstream: cmd/gpu_plugin/gpu_plugin.go, in its order; the last two are about flags of ours. */
function rejectContradictions(flags: FlagValues<typeof healthFlags>): void {
  const hasXpumd = flags['xpumd-endpoint'] !== '';
  if (hasXpumd && flags['health-management'])
    throw argumentError('cannot use both Level-Zero sidecar and xpumd for health management.');
  const limits = [flags['temp-limit'], flags['gpu-temp-limit'], flags['memory-temp-limit']];
  if (hasXpumd && limits.some((limit) => limit !== defaultLimitCelsius))
    throw argumentError('temperature limits do not work with xpumd health source');
  if (flags['health-source'] !== '' && (hasXpumd || flags['health-management']))
    throw argumentError(
      '-health-source is for health without -health-management and -xpumd-endpoint: use one of the three',
    );
  if (!flags['health-link-check'] && flags['health-source'] !== 'sysfs')
    throw argumentError('-health-link-check is for -health-source=sysfs: no other source of health checks links');
}

function sourceOf(flags: FlagValues<typeof healthFlags>): HealthOptions['source'] {
  if (flags['xpumd-endpoint'] !== '') return 'xpumd';
  if (flags['health-management']) return 'level-zero';
  return flags['health-source'] === 'sysfs' ? 'sysfs' : 'none';
}

function temperatureFlag(part: string) {
  return {
    type: 'int',
    default: defaultLimitCelsius,
    usage: `temperature in °C above which ${part} is too hot; not for xpumd, which has limits of its own`,
    check: (celsius: number) => (celsius >= 1 ? undefined : 'must be at least 1: every card would be too hot'),
  } as const;
}

function countFlag(usage: string) {
  return {
    type: 'int',
    default: 2,
    usage,
    check: (count: number) => (count >= 1 ? undefined : 'must be at least 1'),
  } as const;
}
