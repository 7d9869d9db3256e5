// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '@kube-device-plugins/core';
import {
  clauses,
  conformanceProfiles,
  type ConformanceOptions,
  type ConformanceSubject,
  type Selection,
  selectClauses,
} from '@kube-device-plugins/testkit';
import { hooksOfFlags } from './hook-flags.ts';
import { checkSubject } from './subject-check.ts';
import type { SubjectFile } from './subject-file.ts';

/** The options of `kdp conformance`, as its command line has them. */
export interface ConformanceFlags {
  readonly resource?: readonly string[];
  readonly subject?: string;
  /** Each as `name=command`. */
  readonly hook?: readonly string[];
  readonly only?: string;
  readonly skip?: string;
  readonly profile?: string;
  readonly concurrency: number;
  /** In seconds. */
  readonly idle?: number;
  readonly format: 'text' | 'junit' | 'json';
  readonly strict?: true;
  readonly list?: true;
  readonly explain?: string;
  readonly reference?: true;
}

/** What is examined, and how. @throws DevicePluginError `FLAG_INVALID` when a flag names what there is not, or no clause is left. */
export function optionsOf(flags: ConformanceFlags): ConformanceOptions {
  const { explain, idle, concurrency, profile } = flags;
  const names = (flag: 'only' | 'skip' | 'explain'): string[] | undefined => clauseNames(`--${flag}`, flags[flag]);
  const only = explain === undefined ? names('only') : names('explain');
  const skip = names('skip');
  const selection: Selection = {
    ...(only && { only }),
    ...(skip && { skip }),
    ...(profile !== undefined && { profile: profileOf(profile) }),
  };
  if (selectClauses(selection).length === 0) throw invalid('--only and --skip leave no clause');
  return { ...selection, concurrency, ...(idle !== undefined && { budgets: { idleMs: 1000 * idle } }) };
}

/**
 * The subject by file and command line, which goes first. Variables of the file are added to those of `environment`.
 *
 * @throws DevicePluginError `FLAG_INVALID`
 */
export function subjectOf(
  command: readonly string[],
  flags: ConformanceFlags,
  file: SubjectFile,
  environment: Readonly<Record<string, string | undefined>>,
): ConformanceSubject {
  const [name = file.command?.[0], ...rest] = command.length > 0 ? command : (file.command ?? []);
  const [resource, ...others] = flags.resource ?? file.resources ?? [];
  if (name === undefined) throw invalid('no command: put it behind --, or into the file of --subject');
  if (resource === undefined) throw invalid('no resource: name it by --resource, or in the file of --subject');
  const { env, hooks } = file;
  // They are no part of a subject.
  const parts: Partial<ConformanceSubject> = Object.fromEntries(
    Object.entries(file).filter(([key]) => key !== 'budgets'),
  );
  const subject: ConformanceSubject = {
    ...parts,
    command: [name, ...rest],
    resources: [resource, ...others],
    ...(env !== undefined && { env }),
    hooks: { ...hooks, ...hooksOfFlags(flags.hook ?? []) },
  };
  checkSubject(subject);
  return env === undefined ? subject : { ...subject, env: { ...(environment as Record<string, string>), ...env } };
}

function profileOf(text: string): NonNullable<Selection['profile']> {
  const found = [...conformanceProfiles, 'all' as const].find((profile) => profile === text);
  if (found !== undefined) return found;
  const known = `${conformanceProfiles[0] ?? ''} to ${conformanceProfiles.at(-1) ?? ''}`;
  throw invalid(`--profile ${text}: there are ${known}, and all`);
}

/** Ids and groups in any case, and with spaces around them. */
function clauseNames(flag: string, text: string | undefined): string[] | undefined {
  return text?.split(',').map((part) => {
    const name = part.trim().toUpperCase();
    if (clauses.some(({ id }) => id === name || id.startsWith(`${name}-`))) return name;
    throw invalid(`${flag}: no clause or group ${part.trim() || '""'}; see --list`);
  });
}

function invalid(message: string): DevicePluginError {
  return new DevicePluginError('FLAG_INVALID', message);
}
