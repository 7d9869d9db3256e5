// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '@kube-device-plugins/core';
import type { Setting } from './configuration.ts';
import { pciDevices, vfioPci, type PfFacts } from './host-facts.ts';
import type { BindStep, WriteStep } from './step.ts';

/** How the virtual functions (VFs) of one device come to be and get their driver. */
export interface VfPlan {
  readonly sriov: readonly WriteStep[];
  /** Of VFs that are there. */
  readonly bindings: readonly BindStep[];
  /** Of VFs that will be, in words. */
  readonly later: readonly string[];
}

/**
 * Makes VFs, all that the device has unless a number is wished, and binds them to vfio-pci. VFs that are there stay, however many they are.
 *
 * The kernel's QAT drivers make all VFs of a device whatever number is written: the hardware shares itself out among all or none (Linux,
 * drivers/crypto/intel/qat/qat_common/adf_sriov.c). So a smaller number is how many are bound, the first ones, and the others are left alone.
 *
 * @param isRestarted - whether the device goes down before, which removes its VFs.
 * @throws DevicePluginError `HOST_UNREADABLE` for a device without SR-IOV, `CONFIG_INVALID` for more VFs than it has.
 */
export function planVfs(pf: PfFacts, wish: Setting<number> | undefined, isRestarted: boolean): VfPlan {
  const { bdf, numVfs, totalVfs } = requireSriov(pf);
  if (wish !== undefined && wish.value > totalVfs) {
    throw new DevicePluginError(
      'CONFIG_INVALID',
      `${wish.where} is ${wish.value}, but ${bdf} has at most ${totalVfs} virtual functions`,
    );
  }
  const wanted = wish?.value ?? (numVfs > 0 ? numVfs : totalVfs);
  const left = isRestarted ? 0 : numVfs;
  const source = wish?.where ?? (numVfs > 0 ? 'as many as before' : 'by default');
  if (wanted === 0) return { ...nothing, sriov: left === 0 ? [] : [numVfsStep(bdf, left, 0, source)] };
  if (left >= wanted) return { ...nothing, bindings: bindingsOf(pf, wanted) };
  return {
    // The kernel refuses to go from one number to another (Linux, drivers/pci/iov.c, sriov_numvfs_store).
    sriov: [...(left === 0 ? [] : [numVfsStep(bdf, left, 0, source)]), numVfsStep(bdf, 0, wanted, source)],
    bindings: [],
    later: [`bind the ${wanted} virtual functions of ${bdf} that there are then to ${vfioPci}`],
  };
}

const nothing: VfPlan = { sriov: [], bindings: [], later: [] };

function requireSriov({
  bdf,
  driver,
  numVfs,
  totalVfs,
}: PfFacts): Readonly<{ bdf: string; numVfs: number; totalVfs: number }> {
  if (numVfs !== undefined && totalVfs !== undefined) return { bdf, numVfs, totalVfs };
  throw new DevicePluginError(
    'HOST_UNREADABLE',
    `${bdf} cannot have virtual functions, there is no ${fileOf(bdf)}: SR-IOV has to be on in the firmware, and the driver has to have it (its driver: ${driver ?? 'none'})`,
  );
}

function numVfsStep(bdf: string, from: number, count: number, source: string): WriteStep {
  return {
    kind: 'write',
    path: fileOf(bdf),
    text: String(count),
    proof: count === 0 ? 'same' : 'at-least',
    reason: `virtual functions of ${bdf} ${from} -> ${count} (${source})`,
    hint: 'the IOMMU has to be on (intel_iommu=on), the device bound to its driver and used by nobody; see dmesg for qat',
  };
}

function bindingsOf({ bdf: pf, vfs }: PfFacts, wanted: number): BindStep[] {
  if (vfs.length < wanted)
    throw new DevicePluginError(
      'HOST_UNREADABLE',
      `${pf} should have ${wanted} virtual functions and shows ${vfs.length}: see ${pciDevices}/${pf}/virtfn*, and dmesg for qat`,
    );
  return vfs
    .slice(0, wanted)
    .filter(({ driver }) => driver !== vfioPci)
    .map(({ bdf, driver }) => ({ kind: 'bind', bdf, driver: vfioPci, from: driver }));
}

function fileOf(bdf: string): string {
  return `${pciDevices}/${bdf}/sriov_numvfs`;
}
