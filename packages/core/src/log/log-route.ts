// SPDX-License-Identifier: Apache-2.0
import type { KlogSettings } from './klog-settings.ts';
import { severity, type Severity } from './severity.ts';

/** Where a line goes. */
export interface LogRoute {
  readonly stderr: boolean;
  /** The files, by the severity that they are named after. */
  readonly files: readonly Severity[];
}

/** Where klog's flags send the lines of a severity. Upstream: klog v2, loggingT.output(). */
export function logRoute(level: Severity, klog: KlogSettings): LogRoute {
  const overThreshold = level >= klog.stderrThreshold;
  if (klog.logToStderr) return { stderr: klog.legacyStderrThresholdBehavior || overThreshold, files: [] };
  const also = klog.alsoLogToStderr && level >= klog.alsoLogToStderrThreshold;
  return { stderr: also || overThreshold, files: filesOf(level, klog) };
}

function filesOf(level: Severity, klog: KlogSettings): readonly Severity[] {
  if (klog.logFile !== '') return [severity.info];
  if (klog.oneOutput) return [level];
  return ([severity.error, severity.warning, severity.info] as const).filter((lower) => lower <= level);
}
