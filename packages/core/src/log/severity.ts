// SPDX-License-Identifier: Apache-2.0

/** klog's severities; thresholds are compared as numbers. Upstream: klog v2, internal/severity. */
export const severity = { info: 0, warning: 1, error: 2, fatal: 3 } as const;

/** Severity of a line. Nothing here logs FATAL: who gives up logs an error and exits. */
export type Severity = (typeof severity)['info' | 'warning' | 'error'];

/** Names by number, as in the names of log files. The first letter opens a line's header. */
export const severityNames = ['INFO', 'WARNING', 'ERROR', 'FATAL'] as const;
