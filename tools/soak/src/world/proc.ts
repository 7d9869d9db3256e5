// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';

/** Processor time that a process has used so far, in milliseconds. Source: proc_pid_stat(5), utime and stime. */
export function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * msPerTick;
}

/** Resident memory in MiB. Source: proc_pid_status(5), VmRSS. */
export function residentMiB(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

/** Numbers of its open file descriptors. */
export function openFiles(pid: number): number[] {
  return readdirSync(`/proc/${pid}/fd`).map(Number);
}

/** How many files it may have open. Source: proc_pid_limits(5). */
export function openFileLimit(pid: number): string {
  const limits = readFileSync(`/proc/${pid}/limits`, 'utf8');
  return /^Max open files\s+(\S+)/m.exec(limits)?.[1] ?? 'unlimited';
}

/** USER_HZ is 100 on every architecture that Linux has had for years. Source: time(7). */
const msPerTick = 10;
