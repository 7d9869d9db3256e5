// SPDX-License-Identifier: Apache-2.0
import { defineCheck, defineProcessCheck, ok, problem, unknown, warning, type Verdict } from './check.ts';
import { mountOf, type Mount } from './mount-table.ts';
import { readMounts } from './read-process.ts';
import { readPathFacts, type PathFacts } from './path-facts.ts';

/** What every plugin reads its devices from. */
export const sysfsCheck = defineCheck({
  id: 'sysfs',
  what: '/sys of the node',
  why: 'devices, their drivers and their NUMA nodes are read from it',
  remedy: 'mount -t sysfs sysfs /sys   # for another place: -prefix names the directory that /sys lies in',
  read: async ({ host }) => ({ path: host.path('/sys'), buses: await host.list('/sys/bus') }),
  judge: ({ path, buses }) =>
    buses.length === 0 ? problem(`${path} shows no bus: it is not there, or not mounted`) : ok(`${path} is there`),
});

export const sysfsReadOnlyCheck = defineProcessCheck({
  id: 'sysfs-read-only',
  what: 'the right to write to /sys',
  why: 'plugins only read it, but for -bind-vfs of the QAT plugin; who may write there can take devices from their drivers',
  remedy: 'kubectl apply -k deployments/$PLUGIN   # without privileged: true, which has /sys mounted for writing',
  read: readMounts,
  judge: (mounts) => judgeSysfsMount(mountOf(mounts, '/sys')),
});

/** Where specs for the container runtime go. */
export const cdiDirCheck = defineCheck({
  id: 'cdi-dir',
  what: 'the directory for CDI specs',
  why: 'a plugin that hands out devices by CDI writes one file for each resource there; without it pods are refused',
  remedy:
    'kubectl apply -k deployments/$PLUGIN   # its DaemonSet mounts /var/run/cdi, writable; -cdi-dir names another',
  read: ({ files, cdiDir }) => readPathFacts(files, cdiDir),
  judge: judgeCdiDirectory,
});

/** Whether the container runtime reads them. */
export const cdiRuntimeCheck = defineCheck({
  id: 'cdi-runtime',
  what: 'CDI in the configuration of containerd',
  why: 'containerd 1.7 leaves CDI off unless enable_cdi is set, 2.0 has it on; CRI-O has it from 1.23 on',
  remedy: `sed -i '/"io.containerd.grpc.v1.cri"]$/a enable_cdi = true' /etc/containerd/config.toml && systemctl restart containerd`,
  read: ({ files }) => files.readText('/etc/containerd/config.toml', 1024 * 1024),
  judge: judgeContainerd,
});

export const clockCheck = defineCheck({
  id: 'clock',
  what: 'the clock of the node',
  why: 'certificates of the API server are not valid yet in the past, and log lines are of no use',
  remedy: 'timedatectl set-ntp true',
  read: () => Promise.resolve(Date.now()),
  judge: (nowMs) => {
    const now = new Date(nowMs).toISOString();
    return nowMs < Date.UTC(2025, 0) ? problem(`it says ${now}`) : ok(now);
  },
});

function judgeSysfsMount(mount: Mount | undefined): Verdict {
  if (mount === undefined) return unknown('the mounts of the process cannot be read');
  return mount.isReadOnly ? ok('read-only') : warning('it may');
}

export function judgeCdiDirectory({ path, kind, refusal, nearest }: PathFacts): Verdict {
  if (kind === 'missing')
    return warning(`${path} is not there; a plugin makes it below ${nearest ?? '/'} when it needs it`);
  if (kind === 'unreadable') return warning(`${path} cannot be looked at: ${refusal ?? ''}`);
  if (kind !== 'directory') return problem(`${path} is no directory`, `rm ${path}`);
  if (refusal === 'EROFS') return warning(`${path} is mounted read-only`);
  return refusal === undefined ? ok(`${path} can be written to`) : warning(`${path} refuses this process: ${refusal}`);
}

/** Version 3 of the file is that of containerd 2.0. Source: containerd, docs/cri/config.md and RELEASES.md. */
function judgeContainerd(text: string | undefined): Verdict {
  if (text === undefined) return unknown('there is no /etc/containerd/config.toml here');
  const isSet = /^\s*enable_cdi\s*=\s*(true|false)/m.exec(text)?.[1];
  if (isSet === 'true') return ok('enable_cdi = true');
  if (isSet === 'false') return warning('enable_cdi = false');
  const version = Number(/^\s*version\s*=\s*(\d+)/m.exec(text)?.[1] ?? 1);
  if (version >= 3) return ok('on by default');
  return warning(`enable_cdi is not set in a file of version ${version}: containerd 1.7 leaves CDI off then`);
}
