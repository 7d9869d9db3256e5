// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile } from 'node:fs/promises';

/** Memory of a process in MiB. */
export interface Memory {
  readonly rssMiB: number;
  readonly anonymousMiB: number;
  /** Shared pages divided among those that share them. */
  readonly pssMiB: number;
}

/** Source: proc_pid_smaps(5). */
export async function readMemory(pid: number): Promise<Memory> {
  return parseMemory(await readFile(`/proc/${pid}/smaps_rollup`, 'utf8'));
}

/** @throws Error when a line is missing. */
export function parseMemory(smapsRollup: string): Memory {
  const mib = (name: string): number => numberAfter(name, smapsRollup) / 1024;
  return { rssMiB: mib('Rss'), anonymousMiB: mib('Anonymous'), pssMiB: mib('Pss') };
}

/** What all threads of a process have used since they began. */
export interface Activity {
  readonly cpuMs: number;
  /** Times that a thread stopped to wait for something, which is as often as one woke up. */
  readonly wakeUps: number;
}

/**
 * Source: proc_pid_status(5); Linux, Documentation/scheduler/sched-stats.rst: schedstat counts nanoseconds, where stat has ticks of 10 ms,
 * but for each thread alone. A thread that has ended is not counted.
 */
export async function readActivity(pid: number): Promise<Activity> {
  const tasks = `/proc/${pid}/task`;
  const threads = await Promise.all((await readdir(tasks)).map((thread) => readThread(`${tasks}/${thread}`)));
  return {
    cpuMs: threads.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    wakeUps: threads.reduce((sum, { wakeUps }) => sum + wakeUps, 0),
  };
}

async function readThread(task: string): Promise<Activity> {
  try {
    const [cpuNs = ''] = (await readFile(`${task}/schedstat`, 'utf8')).split(' ', 1);
    const status = await readFile(`${task}/status`, 'utf8');
    return { cpuMs: Number(cpuNs) / 1e6, wakeUps: numberAfter('voluntary_ctxt_switches', status) };
  } catch (error) {
    // Reading a file that was opened in time gives ESRCH.
    const hasEnded = error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH');
    if (!hasEnded) throw error;
    return { cpuMs: 0, wakeUps: 0 };
  }
}

function numberAfter(name: string, text: string): number {
  const [, digits] = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text) ?? [];
  if (digits === undefined) throw new Error(`there is no line ${name}`);
  return Number(digits);
}
