// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, type FlagDefinitions, type FlagValues } from '@kube-device-plugins/core';
import { fpgaModes, type FpgaMode } from './options/fpga-mode.ts';

/** Prefix of the resources. */
export const namespace = 'fpga.intel.com';

/** The flags of this plugin beside the common ones: those of upstream. */
export const fpgaFlags = {
  mode: {
    type: 'string',
    default: 'af',
    usage:
      'what to hand out: functions that are loaded, regions that the runtime programs, or regions with what programs them',
    choices: fpgaModes,
  },
  'node-name': {
    type: 'string',
    default: '',
    usage: 'node whose annotation fpga.intel.com/device-plugin-mode goes before -mode; by default $NODE_NAME',
  },
  kubeconfig: { type: 'string', default: '', usage: 'not supported: the API server is asked with the service account' },
  master: { type: 'string', default: '', usage: 'not supported, as -kubeconfig' },
} as const satisfies FlagDefinitions;

/** Values of {@link fpgaFlags}. */
export type FpgaFlags = FlagValues<typeof fpgaFlags> & { readonly scanPeriodMs: number };

/** What this plugin is to do. */
export interface FpgaOptions {
  /** Counts where the node says nothing. */
  readonly mode: FpgaMode;
  /** The node that may say something; undefined where it has no name. */
  readonly node: NodeAddress | undefined;
  readonly scanPeriodMs: number;
}

/** Where to ask for a node. */
export interface NodeAddress {
  readonly name: string;
  /** Host of the API server; undefined outside of a pod. */
  readonly host: string | undefined;
  readonly port: string;
  /** Directory with `token` and `ca.crt`. */
  readonly serviceAccount: string;
}

/**
 * What the flags and the variables that the kubelet sets say.
 *
 * @throws DevicePluginError `FLAG_INVALID` for a flag of upstream that is no longer supported.
 */
export function parseFpgaOptions(flags: FpgaFlags, env: Readonly<Record<string, string | undefined>>): FpgaOptions {
  for (const name of ['kubeconfig', 'master'] as const) {
    if (flags[name] === '') continue;
    throw new DevicePluginError(
      'FLAG_INVALID',
      `-${name} is not supported: leave it out, and give the pod a service account that may watch nodes`,
    );
  }
  const { mode, scanPeriodMs } = flags;
  const name = flags['node-name'] || (env['NODE_NAME'] ?? '');
  const [host, port = '443'] = [env['KUBERNETES_SERVICE_HOST'], env['KUBERNETES_SERVICE_PORT']];
  return { mode, scanPeriodMs, node: name === '' ? undefined : { name, host, port, serviceAccount } };
}

/** Where the kubelet mounts what a pod shows to the API server. */
const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount';
