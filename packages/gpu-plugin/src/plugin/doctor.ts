// SPDX-License-Identifier: Apache-2.0
import { isBdf, type Host } from '@kube-device-plugins/core';
import {
  defineCheck,
  notApplicable,
  ok,
  problem,
  warning,
  type Check,
  type Verdict,
} from '@kube-device-plugins/core/doctor';

/** What can be wrong with a node for GPUs. */
export const checks: readonly Check[] = [
  defineCheck({
    id: 'gpu-driver',
    what: 'the driver of each Intel GPU',
    why: 'a GPU without the driver i915 or xe has no device node, and is not seen by the plugin at all',
    remedy: 'modprobe xe || modprobe i915; dmesg | grep -iE "i915|xe|firmware" says why a driver leaves a GPU alone',
    read: ({ host }) => readGpus(host),
    judge: judgeDrivers,
  }),
  defineCheck({
    id: 'gpu-nodes',
    what: 'the device nodes of GPUs in /dev/dri',
    why: 'they are what a container gets; the kernel has them, and a plugin only sees them where /dev is mounted from the node',
    remedy: 'kubectl apply -k deployments/gpu-plugin   # its DaemonSet mounts /dev',
    read: async ({ host }) => ({
      known: (await host.list('/sys/class/drm')).filter((name) => /^renderD\d+$/.test(name)),
      there: await host.list('/dev/dri'),
    }),
    judge: judgeNodes,
  }),
];

interface Gpu {
  readonly bdf: string;
  readonly driver: string | undefined;
}

/** Display controllers are PCI class 03. Source: Documentation/ABI/testing/sysfs-bus-pci; pci.ids. */
async function readGpus(host: Host): Promise<readonly Gpu[]> {
  const gpus: Gpu[] = [];
  for (const bdf of (await host.list('/sys/bus/pci/devices')).filter(isBdf)) {
    const device = `/sys/bus/pci/devices/${bdf}`;
    if ((await host.readText(`${device}/vendor`)) !== '0x8086') continue;
    if ((await host.readText(`${device}/class`))?.startsWith('0x03') !== true) continue;
    gpus.push({ bdf, driver: await host.linkName(`${device}/driver`) });
  }
  return gpus;
}

function judgeDrivers(gpus: readonly Gpu[]): Verdict {
  if (gpus.length === 0) return notApplicable('there is no Intel GPU');
  const listed = gpus.map(({ bdf, driver }) => `${bdf} ${driver ?? 'has no driver'}`).join(', ');
  if (gpus.some(({ driver }) => driver === undefined)) return problem(listed);
  const isOurs = gpus.some(({ driver }) => driver === 'i915' || driver === 'xe');
  return isOurs ? ok(listed) : warning(`${listed}: none that the plugin hands out`);
}

function judgeNodes({
  known,
  there,
}: {
  readonly known: readonly string[];
  readonly there: readonly string[];
}): Verdict {
  if (known.length === 0) return notApplicable('the kernel has no render node');
  const missing = known.filter((name) => !there.includes(name));
  return missing.length === 0 ? ok(known.join(', ')) : problem(`/dev/dri lacks ${missing.join(', ')}`);
}
