// SPDX-License-Identifier: Apache-2.0
import type { FlagDefinitions } from '../cli/flag-definition.ts';
import { hostedFlags } from '../cli/hosted-flags.ts';
import type { PluginDefinition } from '../plugin-definition.ts';
import { flagSchema } from './flag-schema.ts';
import { maintenanceSchema } from './maintenance.ts';
import { commandLineSources, processSources } from './plugin-config.ts';
import type { Schema } from './schema.ts';

/** The JSON Schema (draft 7) of the file of `-config`, for editors. What only the code can tell of a value is not in it. */
export function pluginSchema(definition: PluginDefinition<FlagDefinitions>): object {
  const { flags } = commandLineSources(definition, [], {});
  const properties = { maintenance: maintenanceSchema, ...flagSchemas(flags) };
  const { schema = { type: ['object', 'null'], additionalProperties: false, properties: {} }, definitions = {} } =
    definition.config ?? {};
  const title = `Configuration of ${definition.name}`;
  return published({ $schema: draft, title, ...withProperties(schema, properties) }, definitions);
}

/** The same for the process of several plugins. @param names - of the plugins that there are. */
export function processSchema(name: string, names: readonly string[]): object {
  const { flags } = processSources({ name, flags: hostedFlags(names) }, [], {});
  const title = `Configuration of ${name}`;
  const properties = flagSchemas(flags);
  return published({ $schema: draft, title, type: ['object', 'null'], additionalProperties: false, properties }, {});
}

const draft = 'http://json-schema.org/draft-07/schema#';

function flagSchemas(flags: FlagDefinitions): Readonly<Record<string, Schema>> {
  const names = Object.keys(flags).sort();
  return Object.fromEntries(
    names.flatMap((name) => (flags[name] === undefined ? [] : [[name, flagSchema(flags[name])]])),
  );
}

/** Keys that a mapping may have besides, whichever branch it is of; its own go before them. */
function withProperties(schema: Schema, properties: Readonly<Record<string, Schema>>): Schema {
  const { anyOf } = schema;
  return {
    ...schema,
    ...(schema.properties !== undefined && { properties: { ...properties, ...schema.properties } }),
    ...(anyOf !== undefined && { anyOf: anyOf.map((branch) => withProperties(branch, properties)) }),
  };
}

/** With named parts in one place; without checks, which JSON has no word for. */
function published(schema: Schema, named: Readonly<Record<string, Schema>>): object {
  const names = new Map<unknown, string>(Object.entries(named).map(([name, part]) => [part, name]));
  const definitions = Object.fromEntries(Object.entries(named).map(([name, part]) => [name, { ...part }]));
  const whole = names.size === 0 ? schema : { ...schema, definitions };
  const text = JSON.stringify(whole, (_key, value: unknown) => {
    const name = names.get(value);
    return name === undefined ? value : { $ref: `#/definitions/${name}` };
  });
  return JSON.parse(text) as object;
}
