// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, type FlagDefinitions, type FlagValues } from '@kube-device-plugins/core';
import type { AllocationPolicy } from './allocation-policy.ts';
import { deviceGenerations, type DeviceGeneration } from './sysfs/device-generations.ts';

/** Prefix of the resources. */
export const namespace = 'qat.intel.com';

/** Upstream refuses an empty policy, which is not the same as none. */
const policyType = {
  placeholder: 'string',
  parse: (text: string): string | undefined => text,
  format: (policy: string | undefined): string => policy ?? '',
};

/** The flags of this plugin beside the common ones: those of upstream, `-mode` and `-debug` as it had them once, and more. */
export const qatFlags = {
  mode: {
    type: 'string',
    default: 'dpdk',
    usage: 'what to hand out: virtual functions (dpdk), or instances of the kernel driver (kernel)',
  },
  'dpdk-driver': {
    type: 'string',
    default: 'vfio-pci',
    usage: 'driver that virtual functions are handed out with: vfio-pci or igb_uio',
  },
  'kernel-vf-drivers': {
    type: 'string',
    default: '4xxxvf,420xxvf',
    usage: `drivers of the virtual functions to hand out, separated by commas: ${deviceGenerations.map(({ vfDriver }) => vfDriver).join(', ')}`,
  },
  'allocation-policy': {
    type: policyType,
    default: undefined,
    usage: 'how devices of a container are spread over physical functions, if it matters: balanced or packed',
  },
  'max-num-devices': { type: 'int', default: 64, usage: 'how many virtual functions to hand out at most' },
  'bind-vfs': {
    type: 'bool',
    default: true,
    usage: 'bind virtual functions to the driver of -dpdk-driver; if false, the host is only read',
  },
  'vfio-mode': {
    type: 'string',
    default: 'group',
    usage: 'what containers get of vfio-pci: the node of the IOMMU group, or that of the device and IOMMUFD',
    choices: ['group', 'iommufd'],
  },
  strict: { type: 'bool', default: false, usage: 'end when a virtual function cannot be handed out, as upstream does' },
  'adf-ctl': { type: 'string', default: 'adf_ctl', usage: 'program that tells the state of devices, for -mode=kernel' },
  'adf-ctl-timeout': {
    type: 'duration',
    default: 5_000,
    usage: 'how long that program may take',
    check: timeoutProblem,
  },
  debug: { type: 'bool', default: false, usage: 'the same as -v=4, which is the flag to use' },
} as const satisfies FlagDefinitions;

/** What this plugin is to do. */
export type QatOptions = DpdkOptions | KernelOptions;

/** Hand out virtual functions. */
export interface DpdkOptions {
  readonly mode: 'dpdk';
  readonly dpdkDriver: 'vfio-pci' | 'igb_uio';
  readonly vfioMode: 'group' | 'iommufd';
  /** In the order of the flag, which is that in which virtual functions are counted up to `maxDevices`. */
  readonly generations: readonly DeviceGeneration[];
  readonly maxDevices: number;
  readonly allocationPolicy: AllocationPolicy;
  readonly bindVfs: boolean;
  readonly isStrict: boolean;
  readonly scanPeriodMs: number;
}

/** Hand out instances of the kernel driver. */
export interface KernelOptions {
  readonly mode: 'kernel';
  readonly adfCtl: { readonly path: string; readonly timeoutMs: number };
  readonly scanPeriodMs: number;
}

/** Values of {@link qatFlags}. */
export type QatFlags = Omit<FlagValues<typeof qatFlags>, 'debug'> & { readonly scanPeriodMs: number };

/**
 * What the flags say. In mode kernel those of mode dpdk are not looked at.
 *
 * @throws DevicePluginError `FLAG_INVALID` with upstream's message for the first value that is wrong, in upstream's order.
 * Upstream: cmd/qat_plugin/dpdkdrv, NewDevicePlugin().
 */
export function parseQatOptions(flags: QatFlags): QatOptions {
  const { mode, scanPeriodMs } = flags;
  if (mode === 'kernel') {
    return { mode, adfCtl: { path: flags['adf-ctl'], timeoutMs: flags['adf-ctl-timeout'] }, scanPeriodMs };
  }
  if (mode !== 'dpdk') throw invalid(`Unknown mode: ${mode}`);
  const options = {
    mode,
    dpdkDriver: oneOf(['vfio-pci', 'igb_uio'], flags['dpdk-driver'], 'wrong DPDK device driver'),
    generations: parseVfDrivers(flags['kernel-vf-drivers']),
    allocationPolicy: parsePolicy(flags['allocation-policy']),
    maxDevices: parseMaxDevices(flags['max-num-devices']),
    vfioMode: flags['vfio-mode'],
    bindVfs: flags['bind-vfs'],
    isStrict: flags.strict,
    scanPeriodMs,
  } as const;
  if (options.vfioMode === 'iommufd' && options.dpdkDriver !== 'vfio-pci')
    throw invalid('-vfio-mode=iommufd is possible with -dpdk-driver=vfio-pci only');
  return options;
}

function parseVfDrivers(list: string): readonly DeviceGeneration[] {
  const generations = list.split(',').map((name) => {
    const generation = deviceGenerations.find(({ vfDriver }) => vfDriver === name);
    if (generation === undefined) throw invalid(`wrong kernel VF driver: ${name}`);
    return generation;
  });
  return [...new Set(generations)];
}

function parsePolicy(policy: string | undefined): AllocationPolicy {
  return policy === undefined ? undefined : oneOf(['balanced', 'packed'], policy, 'wrong allocation policy');
}

function parseMaxDevices(count: number): number {
  if (count < 0) throw invalid(`wrong maximum number of devices: ${count}`);
  return count;
}

function oneOf<const T extends string>(choices: readonly T[], value: string, message: string): T {
  const choice = choices.find((one) => one === value);
  if (choice === undefined) throw invalid(`${message}: ${value}`);
  return choice;
}

function invalid(message: string): DevicePluginError {
  return new DevicePluginError('FLAG_INVALID', message);
}

function timeoutProblem(timeoutMs: number): string | undefined {
  return timeoutMs >= 100 && timeoutMs <= 60_000 ? undefined : 'must be from 100ms to 1m0s';
}
