// SPDX-License-Identifier: Apache-2.0
import { defineCheck, notApplicable, ok, problem, type Check, type Verdict } from '@kube-device-plugins/core/doctor';

/** What can be wrong with a node for any device. */
export const checks: readonly Check[] = [
  defineCheck({
    id: 'simple-devices',
    what: 'the device nodes in /dev',
    why: 'a container without the mount has a /dev of its own with a dozen nodes, and no device of a rule is ever in it',
    remedy: 'kubectl apply -k deployments/simple-plugin   # its DaemonSet mounts /dev',
    read: async ({ host }) => ({
      // A node whose device every Linux has, and no container a node of.
      hasKernelLog: await host.exists('/dev/kmsg'),
      names: await host.list('/dev'),
    }),
    judge: judgeDevices,
  }),
  defineCheck({
    id: 'simple-usb',
    what: 'the device nodes of USB in /dev/bus/usb',
    why: 'rules for USB ids find devices in /sys, and hand out their nodes in /dev/bus/usb',
    remedy: 'udevadm trigger --subsystem-match=usb   # or mount /dev where the plugin runs',
    read: async ({ host }) => ({
      // Root hubs are usb1, usb2; what is plugged in 1-4.
      devices: (await host.list('/sys/bus/usb/devices')).filter((name) => /^\d+-[\d.]+$/.test(name)),
      buses: await host.list('/dev/bus/usb'),
    }),
    judge: judgeUsb,
  }),
];

interface DeviceFacts {
  readonly hasKernelLog: boolean;
  readonly names: readonly string[];
}

function judgeDevices({ hasKernelLog, names }: DeviceFacts): Verdict {
  if (names.length === 0) return problem('/dev is empty, or not mounted');
  if (!hasKernelLog) return problem('/dev has no kmsg: it is that of a container');
  return ok(`/dev has ${names.length} entries`);
}

interface UsbFacts {
  readonly devices: readonly string[];
  readonly buses: readonly string[];
}

function judgeUsb({ devices, buses }: UsbFacts): Verdict {
  if (devices.length === 0) return notApplicable('nothing is plugged into USB');
  if (buses.length === 0) return problem(`${devices.length} devices, and /dev/bus/usb is empty`);
  return ok(`${devices.length} devices`);
}
