// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { defaultKlogSettings, type KlogSettings } from './klog-settings.ts';
import { logRoute } from './log-route.ts';
import { severity } from './severity.ts';

const { info, warning, error } = severity;
const toFiles = { logToStderr: false };

describe('logRoute()', () => {
  it.each<[string, Partial<KlogSettings>, typeof info | typeof warning | typeof error, boolean, readonly number[]]>([
    ['sends all to standard error by default', {}, info, true, []],
    ['ignores the threshold by default', { stderrThreshold: error }, warning, true, []],
    ['heeds the threshold on request', { legacyStderrThresholdBehavior: false }, warning, false, []],
    ['heeds the threshold on request', { legacyStderrThresholdBehavior: false }, error, true, []],
    [
      'ignores alsologtostderr without files',
      { alsoLogToStderr: true, legacyStderrThresholdBehavior: false },
      info,
      false,
      [],
    ],
    ['fills the files of lower severities', toFiles, error, true, [error, warning, info]],
    ['fills the files of lower severities', toFiles, info, false, [info]],
    ['fills one file on request', { ...toFiles, oneOutput: true }, error, true, [error]],
    ['fills -log_file', { ...toFiles, logFile: '/l', oneOutput: true }, warning, false, [info]],
    ['heeds the threshold with files', { ...toFiles, stderrThreshold: warning }, warning, true, [warning, info]],
    ['also logs to standard error', { ...toFiles, alsoLogToStderr: true }, info, true, [info]],
    [
      'also logs to standard error from a severity on',
      { ...toFiles, alsoLogToStderr: true, alsoLogToStderrThreshold: warning },
      info,
      false,
      [info],
    ],
  ])('%s: %j, severity %i', (_name, changes, level, stderr, files) => {
    expect(logRoute(level, { ...defaultKlogSettings, ...changes })).toEqual({ stderr, files });
  });
});
