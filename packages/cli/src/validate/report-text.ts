// SPDX-License-Identifier: Apache-2.0
import { faultText } from '@kube-device-plugins/core/config';
import type { FileReport } from './validate-file.ts';

/** What was found, for people: a line for each fault, in the form that editors and terminals lead to the place. */
export function reportText(reports: readonly FileReport[]): string {
  const lines = reports.flatMap(({ path, target, faults }) => {
    if (faults.length > 0) return faults.map((fault) => faultText(path, fault));
    return [`${path}: valid for ${target?.key ?? ''}, as ${target?.knownBy ?? ''} says`];
  });
  return `${lines.join('\n')}\n`;
}

/** The same for programs. */
export function reportJson(reports: readonly FileReport[]): string {
  const files = reports.map(({ path, target, faults }) => ({
    path,
    plugin: target?.key ?? null,
    valid: faults.length === 0,
    faults,
  }));
  return `${JSON.stringify({ valid: files.every(({ valid }) => valid), files }, undefined, 2)}\n`;
}
