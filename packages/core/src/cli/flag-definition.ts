// SPDX-License-Identifier: Apache-2.0
import { flagTypes, type FlagType } from './flag-types.ts';

/**
 * One flag. `usage` is one line of help. `check` says what is wrong with a value, as the end of a sentence: `must be positive`.
 */
export type FlagDefinition = StringFlag | StringsFlag | BoolFlag | NumberFlag | TypedFlag;

/** Flags by their names without dashes. Write them `as const satisfies FlagDefinitions`, so that {@link FlagValues} knows them. */
export type FlagDefinitions = Readonly<Record<string, FlagDefinition>>;

/** The values of flags by their names. */
export type FlagValues<D extends FlagDefinitions> = { readonly [Name in keyof D]: FlagValue<D[Name]> };

interface StringFlag {
  readonly type: 'string';
  readonly default: string;
  readonly usage: string;
  /** The only values it takes. */
  readonly choices?: readonly string[];
  readonly check?: (value: string) => string | undefined;
}

interface StringsFlag {
  readonly type: 'strings';
  readonly default: readonly string[];
  readonly usage: string;
}

interface BoolFlag {
  readonly type: 'bool';
  readonly default: boolean;
  readonly usage: string;
}

interface NumberFlag {
  /** The value of a duration, and its default, are milliseconds. */
  readonly type: 'int' | 'uint' | 'duration';
  readonly default: number;
  readonly usage: string;
  readonly check?: (value: number) => string | undefined;
}

/** A flag of a type of its own, which finds fault with values itself. */
interface TypedFlag {
  readonly type: FlagType<unknown>;
  readonly default: unknown;
  readonly usage: string;
}

type FlagValue<D extends FlagDefinition> = D extends { readonly choices: readonly (infer Choice)[] }
  ? Choice
  : D extends { readonly type: FlagType<infer Value> }
    ? Value
    : D extends StringFlag
      ? string
      : D extends StringsFlag
        ? readonly string[]
        : D extends BoolFlag
          ? boolean
          : number;

/** The type of a flag. */
export function typeOf({ type }: FlagDefinition): FlagType<unknown> {
  return typeof type === 'string' ? flagTypes[type] : type;
}
