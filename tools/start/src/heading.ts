// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { kubeletSocketName } from '@kube-device-plugins/core/kubelet-api';
import type { Session } from './session.ts';

/** What runs where, in one line; `upMs` is for a line that is written again and again. */
export function headingLine({ pluginName, pluginPid, kubelet, kubeletDirectory }: Session, upMs?: number): string {
  const which = kubelet === undefined ? "the host's kubelet" : 'the embedded kubelet';
  const up = upMs === undefined ? '' : `, up ${durationText(upMs)},`;
  return `${pluginName} (pid ${pluginPid})${up} with ${which} in ${kubeletDirectory}`;
}

/** The one line about a kubelet that could be used instead, by these flags. */
export function hostKubeletLine(directory: string, flags: string): string {
  return `npm start -- ${flags} registers with the kubelet of this host, which answers on ${join(directory, kubeletSocketName)}`;
}

/** `12 s`, `3 min 05 s`, `2 h 07 min`. */
export function durationText(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) return `${seconds} s`;
  if (minutes < 60) return `${minutes} min ${twoDigits(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
