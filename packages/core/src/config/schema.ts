// SPDX-License-Identifier: Apache-2.0
import { nearestName } from '../cli/nearest-name.ts';
import type { ConfigValue } from './config-value.ts';

type TypeName = 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'null';

/** What is wrong with a text, as the end of a sentence about it, or undefined when nothing is. */
export type TextCheck = (text: string) => string | undefined;

/**
 * The part of JSON Schema (draft 7) that describes configurations here. `description` and `default` are for readers and editors.
 * In `anyOf` the branches differ by the first key that each requires, so that it is clear which one a value is meant to be.
 */
export interface Schema {
  readonly $schema?: string;
  readonly $id?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly string[];
  readonly type?: TypeName | readonly TypeName[];
  readonly enum?: readonly (string | null)[];
  /** One that {@link checkSchema} is given, or of JSON Schema, for editors alone. */
  readonly format?: string;
  /** What only the code can tell of a value of the right type. JSON leaves it out. */
  readonly check?: (value: unknown) => string | undefined;
  /** For editors, which do not know our formats: it takes all that the format takes. */
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: Schema;
  readonly minProperties?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: false;
  readonly anyOf?: readonly Schema[];
}

/** The same schema for a key that may be left out: YAML reads a key without a value as null. */
export function optional(schema: Schema): Schema {
  const { type = [], enum: words } = schema;
  return {
    ...schema,
    type: [...(typeof type === 'string' ? [type] : type), 'null'],
    ...(words === undefined ? {} : { enum: [...words, null] }),
  };
}

/** The formats of texts by their names. */
export type TextFormats = Readonly<Record<string, TextCheck>>;

/** Rejects everything about a value, and what is below it, that its schema does not allow. */
export function checkSchema(value: ConfigValue, schema: Schema, formats: TextFormats = {}): void {
  const types = typesOf(schema);
  if (types.length > 0 && !types.some((type) => hasType(value.value, type))) {
    value.reject(value.value === undefined || value.value === null ? absence(schema) : expectation(schema));
    return;
  }
  if (schema.enum?.includes(value.value as string) === false) value.reject(expectation(schema));
  const problems = value.problems.length;
  checkNumber(value, schema);
  if (value.problems.length === problems) checkText(value, schema, formats);
  checkList(value, schema, formats);
  checkMapping(value, schema, formats);
  const { anyOf = [] } = schema;
  const branch = anyOf.find(({ required: [key] = [] }) => key !== undefined && value.has(key)) ?? anyOf[0];
  if (branch !== undefined) checkSchema(value, branch, formats);
}

/** Rejects a key that is none of these, with the one that may have been meant. A list of very many would help nobody. */
export function rejectUnknownKey(value: ConfigValue, key: string, known: readonly string[]): void {
  const all = known.length > maxShownKeys ? '' : `; these are: ${known.join(', ')}`;
  // A file of nothing but wrong keys is to be refused at once all the same.
  const isFarOff = key.length > maxGuessedLength || value.problems.length > maxGuesses;
  const nearest = isFarOff ? undefined : nearestName(key, known);
  value.rejectKey(`is not a key that is known here${all}${nearest === undefined ? '' : `; did you mean ${nearest}?`}`);
}

const maxShownKeys = 12;
const maxGuessedLength = 64;
const maxGuesses = 50;

function typesOf({ type = [] }: Schema): readonly TypeName[] {
  return typeof type === 'string' ? [type] : type;
}

function hasType(value: unknown, type: TypeName): boolean {
  switch (type) {
    case 'null':
      return value === undefined || value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    case 'number':
      return Number.isFinite(value);
    default:
      return typeof value === type;
  }
}

/** What a value has to be, as the end of a sentence. */
function expectation(schema: Schema): string {
  const { enum: words, properties = {}, examples = [], minimum, maximum, minItems = 0 } = schema;
  if (words !== undefined) return `has to be one of ${words.filter((word) => word !== null).join(', ')}`;
  const wanted = typesOf(schema).map((type) => {
    if (type === 'object') return mappingOf(Object.keys(properties));
    if (type === 'array') return minItems > 0 ? 'a list with at least one item' : 'a list';
    if (type === 'string') return examples[0] === undefined ? 'text; put it in quotes' : `text such as ${examples[0]}`;
    if (type === 'boolean') return 'true or false';
    if (type === 'null') return undefined;
    return `a ${type === 'integer' ? 'whole number' : 'number'}${rangeOf(minimum, maximum)}`;
  });
  return `has to be ${wanted.filter((text) => text !== undefined).join(', or ')}`;
}

function rangeOf(minimum: number | undefined, maximum: number | undefined): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  return minimum === undefined ? '' : ` of at least ${minimum}`;
}

function mappingOf(keys: readonly string[]): string {
  return keys.length === 0 ? 'a mapping' : `a mapping with the keys ${keys.join(', ')}`;
}

/** A list or mapping that is not there says what it would have to be; of anything else it is enough that it is missing. */
function absence(schema: Schema): string {
  return typesOf(schema).some((type) => type === 'array' || type === 'object') ? expectation(schema) : 'is missing';
}

function checkText(value: ConfigValue, { format = '', pattern, check }: Schema, formats: TextFormats): void {
  const text = value.value;
  if (text === undefined || text === null) return;
  const checked = check?.(text);
  if (checked !== undefined) value.rejectText(checked);
  if (checked !== undefined || typeof text !== 'string') return;
  const problem = formats[format]?.(text);
  if (problem !== undefined) value.rejectText(problem);
  else if (pattern !== undefined && !new RegExp(pattern, 'u').test(text)) value.rejectText(`does not match ${pattern}`);
}

function checkNumber(value: ConfigValue, schema: Schema): void {
  const { minimum = -Infinity, maximum = Infinity } = schema;
  if (typeof value.value !== 'number') return;
  if (value.value < minimum || value.value > maximum) value.reject(expectation(schema));
}

function checkList(value: ConfigValue, schema: Schema, formats: TextFormats): void {
  const { items, minItems = 0, maxItems = Infinity } = schema;
  if (!Array.isArray(value.value)) return;
  if (value.value.length < minItems) value.reject(expectation(schema));
  else if (value.value.length > maxItems) value.reject(`has more than ${maxItems} items`);
  else if (items !== undefined) for (const item of value.items()) checkSchema(item, items, formats);
}

function checkMapping(
  value: ConfigValue,
  { properties, required = [], additionalProperties, minProperties = 0 }: Schema,
  formats: TextFormats,
): void {
  if (!hasType(value.value, 'object')) return;
  const keys = value.keys();
  if (keys.length < minProperties) value.reject('has no key');
  const known = Object.keys(properties ?? {});
  for (const key of keys) {
    const schema = known.includes(key) ? properties?.[key] : undefined;
    if (schema !== undefined) checkSchema(value.at(key), schema, formats);
    else if (additionalProperties === false) rejectUnknownKey(value.at(key), key, known);
  }
  for (const key of required) if (!value.has(key)) value.at(key).reject(absence(properties?.[key] ?? {}));
}
