// SPDX-License-Identifier: Apache-2.0
import { isAbsolute } from 'node:path/posix';
import { defaultDevicePluginPath, defaultPluginsRegistryPath } from '../kubelet-api/constants.ts';
import { DevicePluginError } from '../errors.ts';
import { loggingFormats, type LoggingFormat } from '../log/line-format.ts';
import { podResourcesSocketBeside } from '../rpc/pod-resources-socket.ts';
import { formatBindAddress, parseBindAddress, type BindAddress } from './bind-address.ts';
import type { FlagDefinitions, FlagValues } from './flag-definition.ts';
import type { FlagType } from './flag-types.ts';
import { formatGoDuration } from './go-duration.ts';

const bindAddress: FlagType<BindAddress | undefined> = {
  placeholder: 'host:port',
  parse: parseBindAddress,
  format: formatBindAddress,
};

/** The flags that every plugin has. */
export const commonFlags = {
  config: {
    type: 'string',
    default: '',
    usage: 'YAML file with flags by their names, and devices under maintenance; applied when it changes',
  },
  'device-plugin-path': {
    type: 'string',
    default: defaultDevicePluginPath,
    usage: "directory of the kubelet's sockets for device plugins",
    check: pathProblem,
  },
  'pod-resources-socket': {
    type: 'string',
    default: '',
    usage:
      "the kubelet's socket that says which pods have which devices; default: pod-resources/kubelet.sock beside -device-plugin-path",
    check: optionalPathProblem,
  },
  'cdi-dir': { type: 'string', default: '/var/run/cdi', usage: 'directory for CDI specs', check: pathProblem },
  prefix: { type: 'string', default: '', usage: 'directory to look for /sys and /dev in', check: optionalPathProblem },
  replay: {
    type: 'string',
    default: '',
    usage: 'capture of another host to look for /sys and /dev in, as kdp capture makes it; in place of -prefix',
    check: fileProblem,
  },
  'metrics-bind-address': {
    type: bindAddress,
    default: parseBindAddress(':8080'),
    usage: 'address to serve metrics and health on; 0 to serve none',
  },
  'scan-period': {
    type: 'duration',
    default: 5_000,
    usage: 'time between two scans for devices',
    check: scanPeriodProblem,
  },
  registration: {
    type: 'string',
    default: 'register',
    usage: 'how the kubelet learns of resources: by a call to it, or by its plugin watcher',
    choices: ['register', 'watcher'],
  },
  'plugins-registry-path': {
    type: 'string',
    default: defaultPluginsRegistryPath,
    usage: "directory of the kubelet's plugin watcher, for -registration=watcher",
    check: pathProblem,
  },
  'socket-name-style': {
    type: 'string',
    default: 'unique',
    usage: "names of the plugin's sockets: new ones with each start, or always the same",
    choices: ['unique', 'classic'],
  },
  'logging-format': { type: 'string', default: 'text', usage: 'format of log lines', choices: loggingFormats },
} as const satisfies FlagDefinitions;

/** What the common flags say. */
export interface CommonOptions {
  /** Path of the configuration file; empty for none. */
  readonly config: string;
  readonly devicePluginPath: string;
  /** Path, also where no flag gives one. */
  readonly podResourcesSocket: string;
  readonly cdiDir: string;
  /** Root put before `/sys` and `/dev`; empty for the host's own. */
  readonly prefix: string;
  /** Capture of a host that takes its place; empty for none. */
  readonly replay: string;
  /** Undefined: no metrics are served. */
  readonly metricsBindAddress: BindAddress | undefined;
  readonly scanPeriodMs: number;
  readonly registration: 'register' | 'watcher';
  readonly pluginsRegistryPath: string;
  readonly socketNameStyle: 'unique' | 'classic';
  readonly loggingFormat: LoggingFormat;
}

/**
 * The values of {@link commonFlags} by the names that the code has for them.
 *
 * @throws DevicePluginError `FLAG_INVALID` when they contradict each other.
 */
export function commonOptions(flags: FlagValues<typeof commonFlags>): CommonOptions {
  if (flags.prefix !== '' && flags.replay !== '')
    throw new DevicePluginError(
      'FLAG_INVALID',
      '-replay brings a /sys and /dev of its own: give it or -prefix, not both',
    );
  return {
    config: flags.config,
    devicePluginPath: flags['device-plugin-path'],
    podResourcesSocket: flags['pod-resources-socket'] || podResourcesSocketBeside(flags['device-plugin-path']),
    cdiDir: flags['cdi-dir'],
    prefix: flags.prefix,
    replay: flags.replay,
    metricsBindAddress: flags['metrics-bind-address'],
    scanPeriodMs: flags['scan-period'],
    registration: flags.registration,
    pluginsRegistryPath: flags['plugins-registry-path'],
    socketNameStyle: flags['socket-name-style'],
    loggingFormat: flags['logging-format'],
  };
}

function fileProblem(path: string): string | undefined {
  return path.includes('\0') ? 'must not hold a NUL character' : undefined;
}

function pathProblem(path: string): string | undefined {
  return fileProblem(path) ?? (isAbsolute(path) ? undefined : 'must be an absolute path');
}

/** Empty where there is no other than the usual one. */
function optionalPathProblem(path: string): string | undefined {
  return path === '' ? undefined : pathProblem(path);
}

const minScanPeriodMs = 100;
/** Far below the 24.8 days from which on the timers of Node.js fire at once. */
const maxScanPeriodMs = 24 * 60 * 60 * 1_000;

function scanPeriodProblem(periodMs: number): string | undefined {
  if (periodMs >= minScanPeriodMs && periodMs <= maxScanPeriodMs) return undefined;
  return `must be from ${formatGoDuration(minScanPeriodMs)} to ${formatGoDuration(maxScanPeriodMs)}`;
}
