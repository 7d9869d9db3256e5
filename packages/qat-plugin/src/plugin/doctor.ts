// SPDX-License-Identifier: Apache-2.0
import { isBdf, type Host } from '@kube-device-plugins/core';
import {
  defineCheck,
  notApplicable,
  ok,
  problem,
  unknown,
  warning,
  type Check,
  type Scene,
  type Verdict,
} from '@kube-device-plugins/core/doctor';
import { deviceGenerations } from '../sysfs/device-generations.ts';

/** What can be wrong with a node for QAT. */
export const checks: readonly Check[] = [
  defineCheck({
    id: 'qat-driver',
    what: 'the driver of each QAT device',
    why: 'virtual functions come from the driver of their physical function',
    remedy: 'modprobe qat_4xxx   # the module of the generation; dmesg | grep -i qat tells of missing firmware',
    read: ({ host }) => readQat(host),
    judge: ({ pfs }) => judgeDrivers(pfs),
  }),
  defineCheck({
    id: 'qat-vfs',
    what: 'virtual functions of QAT',
    why: 'they are what the plugin hands out; there are none until somebody makes them, after each boot',
    remedy: 'kubectl apply -k deployments/qat-plugin/overlays/qat_initcontainer',
    read: ({ host }) => readQat(host),
    judge: ({ pfs, vfs }) => judgeFunctions(pfs.length, vfs.length),
  }),
  defineCheck({
    id: 'iommu',
    what: 'the IOMMU',
    why: 'vfio-pci hands out IOMMU groups; without an IOMMU there is none, and a program could write to all memory',
    remedy:
      'grubby --update-kernel=ALL --args=intel_iommu=on && reboot   # Debian: GRUB_CMDLINE_LINUX, update-grub; VT-d on in the firmware',
    read: async (scene) => ({ isWanted: await hasQat(scene), ...(await readIommu(scene)) }),
    judge: judgeIommu,
  }),
  defineCheck({
    id: 'vfio-pci',
    what: 'the driver vfio-pci',
    why: 'virtual functions are bound to it before they are handed out',
    remedy: 'modprobe vfio-pci   # to last: echo vfio-pci > /etc/modules-load.d/vfio-pci.conf',
    read: async (scene) => ({
      isWanted: await hasQat(scene),
      isThere: await scene.host.exists('/sys/bus/pci/drivers/vfio-pci'),
    }),
    judge: ({ isWanted, isThere }) => {
      if (!isWanted) return noQat;
      return isThere ? ok('it is loaded') : problem('it is not loaded');
    },
  }),
  defineCheck({
    id: 'vfio-denylist',
    what: 'the denylist of vfio-pci',
    why: 'from Linux 5.9 on vfio-pci refuses QAT devices older than 4xxx, which a program can hang the machine with',
    remedy:
      'modprobe -r vfio-pci; modprobe vfio-pci disable_denylist=1   # to last: options vfio-pci disable_denylist=1 in /etc/modprobe.d',
    read: async ({ host }) => ({
      ids: [...(await readQat(host)).vfs, ...(await readQat(host)).pfs].map(({ id }) => id),
      disabled: await host.readText('/sys/module/vfio_pci/parameters/disable_denylist'),
    }),
    judge: judgeDenylist,
  }),
  defineCheck({
    id: 'debugfs',
    what: 'debugfs of the QAT driver',
    why: 'the health of a device is in it, from Linux 6.6 on: without it every device counts as healthy',
    remedy: 'mount -t debugfs debugfs /sys/kernel/debug   # and run the plugin as root, with that directory mounted',
    read: async (scene) => ({ isWanted: await hasDrivenQat(scene), ...(await readDebugfs(scene.host)) }),
    judge: judgeDebugfs,
  }),
];

interface QatFunction {
  readonly bdf: string;
  readonly id: string;
  readonly driver: string | undefined;
}

interface QatFunctions {
  readonly pfs: readonly QatFunction[];
  readonly vfs: readonly QatFunction[];
}

async function readQat(host: Host): Promise<QatFunctions> {
  const [pfs, vfs]: [QatFunction[], QatFunction[]] = [[], []];
  for (const bdf of (await host.list('/sys/bus/pci/devices')).filter(isBdf)) {
    const device = `/sys/bus/pci/devices/${bdf}`;
    if ((await host.readText(`${device}/vendor`)) !== '0x8086') continue;
    const id = ((await host.readText(`${device}/device`)) ?? '').replace(/^0x/, '');
    const one = { bdf, id, driver: await host.linkName(`${device}/driver`) };
    if (deviceGenerations.some(({ pfIds }) => pfIds.includes(id))) pfs.push(one);
    if (deviceGenerations.some(({ vfIds }) => vfIds.includes(id))) vfs.push(one);
  }
  return { pfs, vfs };
}

async function hasQat({ host }: Scene): Promise<boolean> {
  const { pfs, vfs } = await readQat(host);
  return pfs.length + vfs.length > 0;
}

async function hasDrivenQat({ host }: Scene): Promise<boolean> {
  return (await readQat(host)).pfs.some(({ driver }) => driver !== undefined);
}

const noQat = notApplicable('there is no QAT device');

function judgeDrivers(pfs: readonly QatFunction[]): Verdict {
  if (pfs.length === 0) return notApplicable('there is no physical function of QAT');
  const listed = pfs.map(({ bdf, driver }) => `${bdf} ${driver ?? 'has no driver'}`).join(', ');
  return pfs.some(({ driver }) => driver === undefined) ? problem(listed) : ok(listed);
}

function judgeFunctions(pfs: number, vfs: number): Verdict {
  if (vfs > 0) return ok(`${vfs} of ${pfs} physical functions`);
  return pfs === 0 ? noQat : problem(`none, of ${pfs} physical functions`);
}

interface IommuFacts {
  readonly isWanted: boolean;
  readonly units: number;
  readonly groups: number;
  readonly commandLine: string;
  /** Of the module vfio: groups are made up for devices that have none. */
  readonly allowsNone: boolean;
}

/** Kernel ABI: Documentation/ABI/testing/sysfs-class-iommu, sysfs-kernel-iommu_groups; the parameter is in drivers/vfio/vfio_main.c. */
async function readIommu({ host, files }: Scene): Promise<Omit<IommuFacts, 'isWanted'>> {
  return {
    units: (await host.list('/sys/class/iommu')).length,
    groups: (await host.list('/sys/kernel/iommu_groups')).length,
    commandLine: (await files.readText('/proc/cmdline')) ?? '',
    allowsNone: (await host.readText('/sys/module/vfio/parameters/enable_unsafe_noiommu_mode')) === 'Y',
  };
}

function judgeIommu({ isWanted, units, groups, commandLine, allowsNone }: IommuFacts): Verdict {
  if (!isWanted) return noQat;
  if (units > 0 && groups > 0) return ok(`on: ${groups} groups`);
  if (allowsNone) return warning('off, and vfio makes up groups: programs may write to all memory');
  const option = /\b(?:intel|amd)_iommu=\S+/.exec(commandLine)?.[0];
  return problem(`off; the kernel command line has ${option ?? 'no intel_iommu=on'}`);
}

/** Source: Linux, drivers/vfio/pci/vfio_pci.c, vfio_pci_dev_in_denylist(): C3xxx, C62x and DH895xCC, physical and virtual. */
const deniedIds = ['19e2', '19e3', '37c8', '37c9', '0435', '0443'];

function judgeDenylist({
  ids,
  disabled,
}: {
  readonly ids: readonly string[];
  readonly disabled: string | undefined;
}): Verdict {
  const denied = [...new Set(ids.filter((id) => deniedIds.includes(id)))];
  if (denied.length === 0) return notApplicable('no device here is on it');
  const named = denied.map((id) => `8086:${id}`).join(', ');
  if (disabled === undefined) return unknown(`on it: ${named}; vfio-pci is not loaded, or older than Linux 5.9`);
  return disabled === 'Y' ? ok(`switched off, for ${named}`) : problem(`on it: ${named}`);
}

interface DebugfsFacts {
  readonly isWanted: boolean;
  readonly names: readonly string[];
  readonly isRefused: boolean;
}

async function readDebugfs(host: Host): Promise<Omit<DebugfsFacts, 'isWanted'>> {
  try {
    return { names: await host.list('/sys/kernel/debug'), isRefused: false };
  } catch {
    return { names: [], isRefused: true };
  }
}

function judgeDebugfs({ isWanted, names, isRefused }: DebugfsFacts): Verdict {
  if (!isWanted) return notApplicable('there is no QAT device with a driver');
  if (isRefused) return problem('/sys/kernel/debug refuses this process');
  if (names.length === 0) return warning('/sys/kernel/debug is empty: not mounted');
  const ours = names.filter((name) => name.startsWith('qat_'));
  return ours.length === 0 ? warning('the driver shows nothing in it') : ok(ours.join(', '));
}
