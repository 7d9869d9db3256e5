// SPDX-License-Identifier: Apache-2.0
import { posix } from 'node:path';
import { kubeletSocketName } from '../kubelet-api/constants.ts';
import type { Host } from '../scan/host.ts';
import { defineProcessCheck, notApplicable, ok, problem, unknown, warning, type Verdict } from './check.ts';
import { mountOf, type Mount } from './mount-table.ts';
import { readPathFacts } from './path-facts.ts';
import { capabilityCount } from './process-status.ts';
import { readMounts, readStatus } from './read-process.ts';

/** What the pod has of rights: too few of them, or more than a plugin needs. */
export const seLinuxCheck = defineProcessCheck({
  id: 'selinux',
  what: 'the SELinux type of the plugin',
  why: "where SELinux enforces, container_t may neither write to the kubelet's directory nor connect to its socket",
  remedy:
    'kubectl apply -k deployments/$PLUGIN   # sets seLinuxOptions.type; ausearch -m avc -ts recent shows what is refused',
  read: async ({ files, host, devicePluginPath }, directory) => ({
    context: await readOr(files, `${directory}/attr/current`),
    enforcing: await readOr(host, '/sys/fs/selinux/enforce'),
    isRefused: await isRefused(files, [devicePluginPath, posix.join(devicePluginPath, kubeletSocketName)]),
  }),
  judge: judgeSeLinux,
});

export const capabilitiesCheck = defineProcessCheck({
  id: 'capabilities',
  what: 'the capabilities of the plugin',
  why: 'a plugin needs none; whoever breaks into it has what it has',
  remedy: 'kubectl apply -k deployments/$PLUGIN   # sets capabilities: { drop: [ALL] }, and no privileged: true',
  read: readStatus,
  judge: ({ capabilities }) => judgeCapabilities(capabilities),
});

export const noNewPrivilegesCheck = defineProcessCheck({
  id: 'no-new-privileges',
  what: 'whether the plugin can gain privileges',
  why: 'a plugin starts no program that needs more than it has',
  remedy: 'kubectl apply -k deployments/$PLUGIN   # sets allowPrivilegeEscalation: false',
  read: readStatus,
  judge: ({ hasNoNewPrivileges }) => {
    if (hasNoNewPrivileges === undefined) return unknown('the kernel does not say');
    return hasNoNewPrivileges ? ok('it cannot') : warning('it can');
  },
});

export const seccompCheck = defineProcessCheck({
  id: 'seccomp',
  what: 'the filter for system calls',
  why: "the runtime's own filter costs nothing, and takes from an attacker what no plugin calls",
  remedy: 'kubectl apply -k deployments/$PLUGIN   # sets seccompProfile: { type: RuntimeDefault }',
  read: readStatus,
  judge: ({ seccomp }) => {
    if (seccomp === undefined) return unknown('the kernel does not say');
    return seccomp === 0 ? warning('there is none') : ok('there is one');
  },
});

export const readOnlyRootCheck = defineProcessCheck({
  id: 'read-only-root',
  what: 'the root file system of the plugin',
  why: 'a plugin writes to the directories of the kubelet and of CDI, and nowhere else',
  remedy: 'kubectl apply -k deployments/$PLUGIN   # sets readOnlyRootFilesystem: true',
  read: readMounts,
  judge: (mounts) => judgeReadOnly(mountOf(mounts, '/')),
});

interface SeLinuxFacts {
  /** `system_u:system_r:container_t:s0:c1,c2`; the name of a profile under AppArmor. */
  readonly context: string | undefined;
  /** `1`, `0`; undefined where selinuxfs is not mounted, as in most containers. */
  readonly enforcing: string | undefined;
  readonly isRefused: boolean;
}

/** Source: container-selinux, container.te: container_device_plugin_t, and spc_t of privileged containers; what runs outside of any is not confined. */
const allowedTypes = /^(container_device_plugin(_init)?_t|spc_t|unconfined(_service)?_t|init_t|kernel_t)$/;

export function judgeSeLinux({ context = '', enforcing, isRefused: refused }: SeLinuxFacts): Verdict {
  const type = /^[^:\s]+:[^:\s]+:([^:\s]+)/.exec(context)?.[1];
  if (type === undefined)
    return notApplicable(context === '' ? 'no SELinux here' : `no SELinux here, but the AppArmor profile ${context}`);
  if (allowedTypes.test(type)) return ok(type);
  if (enforcing === '0') return ok(`${type}, and SELinux does not enforce`);
  return refused ? problem(`${type}, and the kubelet's directory or socket refuses it`) : warning(type);
}

function judgeCapabilities(capabilities: readonly string[] | undefined): Verdict {
  if (capabilities === undefined) return unknown('the kernel does not say');
  if (capabilities.length === 0) return ok('none');
  if (capabilities.length >= capabilityCount) return warning('all of them: it is privileged');
  const shown = capabilities.slice(0, 6).join(', ');
  return warning(capabilities.length > 6 ? `${shown} and ${capabilities.length - 6} more` : shown);
}

function judgeReadOnly(root: Mount | undefined): Verdict {
  if (root === undefined) return unknown('the mounts of the process cannot be read');
  return root.isReadOnly ? ok('read-only') : warning('it can be written to');
}

/** Undefined also where it is there and cannot be read: without a security module the kernel answers EINVAL. */
async function readOr(host: Host, path: string): Promise<string | undefined> {
  const text = await host.readText(path).catch(() => undefined);
  return text?.replace(/\0+$/, '');
}

async function isRefused(files: Host, paths: readonly string[]): Promise<boolean> {
  const facts = await Promise.all(paths.map((path) => readPathFacts(files, path)));
  return facts.some(({ refusal }) => refusal === 'EACCES' || refusal === 'EPERM');
}
