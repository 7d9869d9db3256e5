// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '../errors.ts';
import type { CallSite } from '../log/call-site.ts';
import { defaultKlogSettings as defaults, type KlogSettings } from '../log/klog-settings.ts';
import { severityNames } from '../log/severity.ts';
import { formatVmodule, parseVmodule } from '../log/vmodule.ts';
import type { FlagDefinitions, FlagValues } from './flag-definition.ts';
import type { FlagType } from './flag-types.ts';
import { parseInt32 } from './go-number.ts';

const level: FlagType<number> = { placeholder: 'value', parse: parseInt32, format: String };
const threshold: FlagType<number> = { placeholder: 'value', parse: parseThreshold, format: String };
const vmodule: FlagType<KlogSettings['vmodule']> = { placeholder: 'value', parse: parseVmodule, format: formatVmodule };
const place: FlagType<CallSite | undefined> = { placeholder: 'value', parse: parsePlace, format: formatPlace };

/** The flags of every Go program that logs with klog. Upstream: klog v2.140.0, InitFlags(). */
export const klogFlags = {
  v: { type: level, default: defaults.v, usage: 'log lines of this verbosity and below' },
  vmodule: {
    type: vmodule,
    default: defaults.vmodule,
    usage:
      'verbosity of single source files: pattern=N,..., where a pattern is a file name without its ending, or a glob',
  },
  logtostderr: { type: 'bool', default: defaults.logToStderr, usage: 'log to standard error and not to files' },
  alsologtostderr: {
    type: 'bool',
    default: defaults.alsoLogToStderr,
    usage: 'log to standard error as well as to files; needs -logtostderr=false',
  },
  alsologtostderrthreshold: {
    type: threshold,
    default: defaults.alsoLogToStderrThreshold,
    usage: 'lowest severity for which -alsologtostderr holds',
  },
  stderrthreshold: {
    type: threshold,
    default: defaults.stderrThreshold,
    usage: 'lowest severity that goes to standard error as well as to files',
  },
  legacy_stderr_threshold_behavior: {
    type: 'bool',
    default: defaults.legacyStderrThresholdBehavior,
    usage: 'if false, -stderrthreshold also holds with -logtostderr=true',
  },
  log_dir: { type: 'string', default: defaults.logDir, usage: 'directory for log files; needs -logtostderr=false' },
  log_file: { type: 'string', default: defaults.logFile, usage: 'the one log file to write; needs -logtostderr=false' },
  log_file_max_size: {
    type: 'uint',
    default: defaults.logFileMaxSizeMiB,
    usage: 'size in MiB at which -log_file begins anew; 0 for no limit',
  },
  one_output: {
    type: 'bool',
    default: defaults.oneOutput,
    usage: 'write a line to the file of its severity only, and not to those of lower ones',
  },
  add_dir_header: {
    type: 'bool',
    default: defaults.addDirHeader,
    usage: 'name the directory of the source file in the header of a line',
  },
  skip_headers: { type: 'bool', default: defaults.skipHeaders, usage: 'write lines without a header' },
  skip_log_headers: {
    type: 'bool',
    default: defaults.skipLogHeaders,
    usage: 'begin log files without the lines that describe them',
  },
  log_backtrace_at: {
    type: place,
    default: defaults.logBacktraceAt,
    usage: 'add the stack to the lines logged at this place, file.ts:N',
  },
} as const satisfies FlagDefinitions;

/** What the flags say, in words of the log. */
export function klogSettings(flags: FlagValues<typeof klogFlags>): KlogSettings {
  return {
    v: flags.v,
    vmodule: flags.vmodule,
    logToStderr: flags.logtostderr,
    alsoLogToStderr: flags.alsologtostderr,
    alsoLogToStderrThreshold: flags.alsologtostderrthreshold,
    stderrThreshold: flags.stderrthreshold,
    legacyStderrThresholdBehavior: flags.legacy_stderr_threshold_behavior,
    logDir: flags.log_dir,
    logFile: flags.log_file,
    logFileMaxSizeMiB: flags.log_file_max_size,
    oneOutput: flags.one_output,
    addDirHeader: flags.add_dir_header,
    skipHeaders: flags.skip_headers,
    skipLogHeaders: flags.skip_log_headers,
    logBacktraceAt: flags.log_backtrace_at,
  };
}

function parseThreshold(text: string): number {
  const named = (severityNames as readonly string[]).indexOf(text.toUpperCase());
  return named === -1 ? parseInt32(text) : named;
}

/** Upstream: klog v2, traceLocation.Set(); `:0` is how it prints a place that is not set. */
function parsePlace(text: string): CallSite | undefined {
  if (text === '' || text === ':0') return undefined;
  const [, file, line] = /^([^:]*\.[^:]*):(\d{1,9})$/.exec(text) ?? [];
  if (file === undefined) throw new DevicePluginError('FLAG_INVALID', 'syntax error: expect file.ts:234');
  if (Number(line) === 0) throw new DevicePluginError('FLAG_INVALID', 'lines count from 1');
  return { file, line: Number(line) };
}

function formatPlace(place: CallSite | undefined): string {
  return place === undefined ? '' : `${place.file}:${place.line}`;
}
