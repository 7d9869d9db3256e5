// SPDX-License-Identifier: Apache-2.0
import { currentScope } from '../plugin-scope.ts';
import { callSite, callStack, sitePath, type CallSite } from './call-site.ts';
import { klogLines } from './klog-format.ts';
import { defaultKlogSettings, type KlogSettings } from './klog-settings.ts';
import { LogFiles } from './log-files.ts';
import type { CreateLineFormat, LineFormat, LogFields } from './log-record.ts';
import { fdOutput, LogSink, type LogOutput } from './log-sink.ts';
import { severity, type Severity } from './severity.ts';
import { vmoduleLevel } from './vmodule.ts';

/** Lines that only some want to see. */
export interface VerboseLog {
  /** For fields that are dear to make. */
  readonly enabled: boolean;
  info(message: string, fields?: LogFields): void;
}

/**
 * The log of the process. The message is constant, the data goes into `fields`; the field `error` may hold anything thrown.
 * A line is written when the call returns, and no call throws. Where a process has several plugins, the field `plugin` tells which.
 */
export const log = {
  /** Something is given up on. An error in the field `error` is shown with its causes and stacks. */
  error(message: string, fields?: LogFields): void {
    emit(severity.error, 0, message, fields);
  },

  /** Something is worse than it should be and goes on, e.g. a device is left out. Once for each change. */
  warn(message: string, fields?: LogFields): void {
    emit(severity.warning, 0, message, fields);
  },

  /** The state changed. */
  info(message: string, fields?: LogFields): void {
    emit(severity.info, 0, message, fields);
  },

  /** 1: lifecycle; 2, 3: discovery and allocation; 4: dumps and each scan. Shown from `-v` (or `-vmodule`) of that number on. */
  v(level: number): VerboseLog {
    if (!isVerbose(level)) return silentLog;
    return {
      enabled: true,
      info(message, fields): void {
        emit(severity.info, level, message, fields);
      },
    };
  },
};

/** How to log; what is left out is as in klog. */
export interface LogOptions {
  readonly klog?: KlogSettings;
  /** From {@link loadLineFormat}. */
  readonly lines?: CreateLineFormat;
  /** Name of the program. */
  readonly name?: string;
  readonly pid?: number;
  /** Takes the place of standard error. */
  readonly output?: LogOutput;
}

/**
 * Sets up the log of the process, and returns what undoes it.
 *
 * @throws DevicePluginError `FLAG_INVALID` when lines are to go to a file that cannot be written.
 */
export function configureLog(options: LogOptions): () => void {
  const previous = current;
  const next = createLogger(options);
  current = next;
  return () => {
    next.sink.close();
    current = previous;
  };
}

/** Changes which lines are logged, while everything else stays. */
export function setVerbosity({ v, vmodule }: Pick<KlogSettings, 'v' | 'vmodule'>): void {
  current = { ...current, klog: { ...current.klog, v, vmodule } };
}

/** Hands what was written to files to the disk. Lines never wait in memory. */
export function flushLog(): void {
  current.sink.flush();
}

interface Logger {
  readonly klog: KlogSettings;
  readonly format: LineFormat;
  readonly sink: LogSink;
}

/** How many calls up the caller of {@link log} is: `callSite` or `callStack`, one function of this file, and the method of `log` are below. */
const callerDepth = 3;

const silentLog: VerboseLog = {
  enabled: false,
  info() {
    // Not asked for.
  },
};

const standardError = fdOutput(2);

/** Until it is configured, the log is klog's of a program without flags. */
let current = createLogger({});

function createLogger({
  klog = defaultKlogSettings,
  lines = klogLines,
  name = 'plugin',
  // eslint-disable-next-line no-restricted-globals -- a Manager runs without runPlugin() too, and its lines name their process as well
  pid = process.pid,
  output = standardError,
}: LogOptions): Logger {
  const banner = klog.skipLogHeaders || lines !== klogLines ? '' : fileBanner(name);
  return {
    klog,
    format: lines({ klog, name, pid }),
    sink: new LogSink(klog, output, new LogFiles(klog, name, pid, banner)),
  };
}

function fileBanner(name: string): string {
  const format = 'Log line format: [IWEF]mmdd hh:mm:ss.uuuuuu pid file:line] msg';
  return `Log file created at: ${new Date().toString()}\nProgram: ${name}\n${format}\n`;
}

function isVerbose(level: number): boolean {
  const { v, vmodule } = current.klog;
  if (level <= v) return true;
  return vmodule.length > 0 && level <= vmoduleLevel(vmodule, callSite(callerDepth).file);
}

function emit(level: Severity, verbosity: number, message: string, fields: LogFields = {}): void {
  const { klog, format, sink } = current;
  const site = callSite(callerDepth);
  const stack = isSite(klog.logBacktraceAt, site) ? callStack(callerDepth) : undefined;
  const plugin = currentScope()?.name;
  const named = plugin === undefined ? fields : { plugin, ...fields };
  const shown = stack === undefined ? named : { ...named, stack };
  sink.write(level, format({ severity: level, verbosity, timeMs: Date.now(), site, message, fields: shown }));
}

function isSite(wanted: CallSite | undefined, site: CallSite): boolean {
  return wanted !== undefined && wanted.line === site.line && wanted.file === sitePath(site, false);
}
