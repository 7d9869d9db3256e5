// SPDX-License-Identifier: Apache-2.0

/** What the kernel says of the rights of a process. */
export interface ProcessStatus {
  /** Effective user. */
  readonly uid: number | undefined;
  /** Names of the effective capabilities, without `CAP_`. */
  readonly capabilities: readonly string[] | undefined;
  readonly hasNoNewPrivileges: boolean | undefined;
  /** 0 none, 1 strict, 2 filter. */
  readonly seccomp: number | undefined;
}

/** Parses /proc/PID/status. Source: proc_pid_status(5). */
export function parseProcessStatus(text: string): ProcessStatus {
  const field = (name: string): string | undefined => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(text)?.[1]?.trim();
  const number = (digits: string | undefined): number | undefined =>
    digits !== undefined && /^\d+$/.test(digits) ? Number(digits) : undefined;
  const mask = field('CapEff');
  const noNewPrivileges = number(field('NoNewPrivs'));
  return {
    uid: number(field('Uid')?.split(/\s+/)[1]),
    capabilities: mask !== undefined && /^[\da-f]{1,16}$/i.test(mask) ? capabilitiesOf(BigInt(`0x${mask}`)) : undefined,
    hasNoNewPrivileges: noNewPrivileges === undefined ? undefined : noNewPrivileges === 1,
    seccomp: number(field('Seccomp')),
  };
}

/** The soft limit of open files in /proc/PID/limits; Infinity for `unlimited`. Source: proc_pid_limits(5). */
export function parseOpenFilesLimit(text: string): number | undefined {
  const limit = /^Max open files\s+(\d+|unlimited)/m.exec(text)?.[1];
  if (limit === undefined) return undefined;
  return limit === 'unlimited' ? Infinity : Number(limit);
}

function capabilitiesOf(mask: bigint): readonly string[] {
  const bits = Array.from({ length: 64 }, (_, bit) => bit).filter((bit) => ((mask >> BigInt(bit)) & 1n) === 1n);
  return bits.map((bit) => capabilityNames[bit] ?? String(bit));
}

/** In the order of their bits. Source: Linux, include/uapi/linux/capability.h. */
const capabilityNames = (
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE ' +
  'NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN ' +
  'SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE ' +
  'MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'
).split(' ');

/** How many there are, so that all of them can be told from many. */
export const capabilityCount = capabilityNames.length;
