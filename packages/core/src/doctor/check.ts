// SPDX-License-Identifier: Apache-2.0
import type { Scene } from './scene.ts';

/** `unknown`: it could not be found out, which is no fault by itself. */
export type CheckState = 'ok' | 'warning' | 'problem' | 'not applicable' | 'unknown';

/** What a check says of a node. */
export interface Verdict {
  readonly state: CheckState;
  /** What was found, in one line. */
  readonly found: string;
  /** Where it is another than the usual one of the check. */
  readonly remedy?: string;
}

/** What is always true of a check. docs/reference/doctor.md holds it; a test compares the two. */
export interface CheckText {
  /** Short and stable, for scripts: `plugin-dir`. */
  readonly id: string;
  /** What is looked at. */
  readonly what: string;
  /** Why it matters, in one line. */
  readonly why: string;
  /** The command that mends it, as a rule. */
  readonly remedy: string;
}

/** One thing that can be wrong with a node. */
export interface Check extends CheckText {
  /** May reject, which is a verdict `unknown`; stops early when `signal` aborts. */
  examine(scene: Scene, signal: AbortSignal): Promise<Verdict>;
}

/** A check in two halves. */
export interface CheckDefinition<F, Where = AbortSignal> extends CheckText {
  /** Looks, and changes nothing. */
  readonly read: (scene: Scene, where: Where) => Promise<F>;
  /** Decides; a pure function. */
  readonly judge: (facts: F) => Verdict;
}

/** A check that reads facts, and then decides. */
export function defineCheck<F>({ read, judge, ...text }: CheckDefinition<F>): Check {
  return { ...text, examine: async (scene, signal) => judge(await read(scene, signal)) };
}

/** A check of the plugin's own process, which read() is given the directory of: `/proc/self`. It says nothing where none is looked at. */
export function defineProcessCheck<F>({ read, judge, ...text }: CheckDefinition<F, string>): Check {
  return {
    ...text,
    examine: async (scene) => {
      if (scene.process === undefined) return notApplicable('no process of a plugin is looked at: name one with --pid');
      return judge(await read(scene, scene.process));
    },
  };
}

export function ok(found: string): Verdict {
  return { state: 'ok', found };
}

export function warning(found: string, remedy?: string): Verdict {
  return { state: 'warning', found, ...(remedy === undefined ? {} : { remedy }) };
}

export function problem(found: string, remedy?: string): Verdict {
  return { state: 'problem', found, ...(remedy === undefined ? {} : { remedy }) };
}

export function unknown(found: string): Verdict {
  return { state: 'unknown', found };
}

export function notApplicable(found: string): Verdict {
  return { state: 'not applicable', found };
}
