// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from 'node:util';
import { DevicePluginError, messageOf } from '@kube-device-plugins/core';
import { defaultBudgets } from './budgets.ts';
import { clauses } from './clauses.ts';
import { type ConformanceOptions, selectClauses } from './conformance.ts';
import type { ConformanceSubject } from './subject.ts';
import { checkSubject } from './subject-check.ts';
import type { SubjectFile } from './subject-file.ts';

/** What `--help` prints. */
export const usage = `Usage: kdp-conformance [options] [-- command [argument ...]]

Starts a Kubernetes device plugin over and over, each time with a kubelet and a directory of its own, and finds out
whether it does what a good v1beta1 device plugin does. {dir}, {cdi}, {prefix} and {inventory} in the command stand for
the device plugin directory, that of CDI specs, that of a host's root, and a file.

  --resource name      full name of a resource that the plugin registers; may be given several times
  --subject file       JSON with command, fatalCommand, env, resources, hooks and budgets; see README.md of the testkit
  --only id,...        only these clauses, or groups such as ST
  --skip id,...        not these
  --concurrency n      plugins that run at a time (2)
  --idle seconds       how long nothing must happen where nothing should (${defaultBudgets.idleMs / 1000}; the clauses mean 60)
  --format text|junit  how to print the results (text)
  --strict             also fail for what a plugin should do and need not
  --list               print the clauses and exit
  --explain id,...     print these with the reason for each and exit
  --help               print this and exit

Exit codes: 0 nothing failed; 1 a clause failed, or the run was interrupted; 2 wrong usage.
`;

/** What the command line asks for. */
export interface CommandLine {
  readonly action: 'help' | 'list' | 'explain' | 'examine';
  readonly subjectFile: string | undefined;
  readonly command: readonly string[];
  readonly resources: readonly string[];
  readonly options: Pick<ConformanceOptions, 'only' | 'skip' | 'concurrency' | 'budgets'>;
  readonly format: 'text' | 'junit';
  readonly isStrict: boolean;
}

/** @throws DevicePluginError `FLAG_INVALID` */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const values = parsedArgs(args);
  const { explain, idle, format } = values;
  if (format !== 'text' && format !== 'junit') throw invalid(`--format ${format} is neither text nor junit`);
  return {
    action: values.help ? 'help' : explain !== undefined ? 'explain' : values.list ? 'list' : 'examine',
    subjectFile: values.subject,
    command: values.command,
    resources: values.resource,
    options: {
      ...selection(values),
      concurrency: positive('--concurrency', values.concurrency),
      ...(idle !== undefined && { budgets: { idleMs: 1000 * positive('--idle', idle) } }),
    },
    format,
    isStrict: values.strict,
  };
}

/**
 * The subject by file and command line, which goes first. Variables of the file are added to those of `environment`.
 *
 * @throws DevicePluginError `FLAG_INVALID`
 */
export function subjectOf(
  { command, resources }: CommandLine,
  file: SubjectFile,
  environment: Readonly<Record<string, string | undefined>>,
): ConformanceSubject {
  const [name = file.command?.[0], ...rest] = command.length > 0 ? command : (file.command ?? []);
  const [resource, ...others] = resources.length > 0 ? resources : (file.resources ?? []);
  if (name === undefined) throw invalid('no command: put it behind --, or into the file of --subject');
  if (resource === undefined) throw invalid('no resource: name it by --resource, or in the file of --subject');
  const { env, hooks, fatalCommand } = file;
  const subject: ConformanceSubject = {
    command: [name, ...rest],
    resources: [resource, ...others],
    ...(env !== undefined && { env }),
    ...(hooks !== undefined && { hooks }),
    ...(fatalCommand !== undefined && { fatalCommand }),
  };
  checkSubject(subject);
  return env === undefined ? subject : { ...subject, env: { ...(environment as Record<string, string>), ...env } };
}

function parsedArgs(args: readonly string[]) {
  const end = args.includes('--') ? args.indexOf('--') : args.length;
  const negative = args.slice(0, end).findIndex((arg) => /^-\d/.test(arg));
  if (negative > 0) positive(args[negative - 1] ?? '', args[negative] ?? '');
  try {
    const { values } = parseArgs({
      args: args.slice(0, end),
      options: {
        resource: { type: 'string', multiple: true, default: [] },
        subject: { type: 'string' },
        only: { type: 'string' },
        skip: { type: 'string' },
        concurrency: { type: 'string', default: '2' },
        idle: { type: 'string' },
        format: { type: 'string', default: 'text' },
        strict: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        explain: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    return { ...values, command: args.slice(end + 1) };
  } catch (error) {
    throw invalid(messageOf(error));
  }
}

/** The clauses of the flags. @throws DevicePluginError `FLAG_INVALID` when there are none. */
function selection(flags: Readonly<Partial<Record<'only' | 'skip' | 'explain', string>>>) {
  const names = (flag: keyof typeof flags): string[] | undefined => clauseNames(`--${flag}`, flags[flag]);
  const only = names('explain') ?? names('only');
  const skip = names('skip');
  const selected = { ...(only && { only }), ...(skip && { skip }) };
  if (selectClauses(selected).length === 0) throw invalid('--only and --skip leave no clause');
  return selected;
}

/** Ids and groups in any case, and with spaces around them. */
function clauseNames(flag: string, text: string | undefined): string[] | undefined {
  return text?.split(',').map((part) => {
    const name = part.trim().toUpperCase();
    if (clauses.some(({ id }) => id === name || id.startsWith(`${name}-`))) return name;
    throw invalid(`${flag}: no clause or group ${part.trim() || '""'}; see --list`);
  });
}

function positive(flag: string, text: string): number {
  if (/^\d{1,6}$/.test(text) && Number(text) > 0) return Number(text);
  throw invalid(`${flag} ${text} is no whole number above 0`);
}

function invalid(message: string): DevicePluginError {
  return new DevicePluginError('FLAG_INVALID', message);
}
