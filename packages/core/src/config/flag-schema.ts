// SPDX-License-Identifier: Apache-2.0
import { typeOf, type FlagDefinition } from '../cli/flag-definition.ts';
import { parseFlagValue } from '../cli/go-flags.ts';
import { messageOf } from '../errors.ts';
import { optional, type Schema } from './schema.ts';

/** What stands behind the name of a flag in a configuration file. A key without a value is as good as none. */
export function flagSchema(definition: FlagDefinition): Schema {
  const described = { description: definition.usage, check: (value: unknown) => flagProblem(definition, value) };
  const shownDefault = typeOf(definition).format(definition.default);
  switch (definition.type) {
    case 'bool':
      return optional({ type: 'boolean', default: definition.default, ...described });
    case 'int':
      return optional({ type: 'integer', default: definition.default, ...described });
    case 'uint':
      return optional({ type: 'integer', minimum: 0, default: definition.default, ...described });
    case 'duration':
      return optional({
        type: 'string',
        pattern: durationPattern,
        examples: ['5s', '1m30s'],
        default: shownDefault,
        ...described,
      });
    case 'strings':
      return optional({ type: 'array', maxItems: maxTexts, items: { type: 'string' }, default: [], ...described });
    case 'string':
      return optional({
        type: 'string',
        default: definition.default,
        ...(definition.choices !== undefined && { enum: definition.choices }),
        ...described,
      });
    default:
      return optional({ type: ['string', 'integer'], default: shownDefault, ...described });
  }
}

/**
 * The value of a flag, from what {@link flagSchema} has found sound.
 *
 * @throws DevicePluginError `FLAG_INVALID` with what is wrong with it, as the end of a sentence.
 */
export function flagValue(definition: FlagDefinition, value: unknown): unknown {
  return Array.isArray(value) ? value : parseFlagValue(definition, String(value));
}

/** For editors; the check is exact. */
const durationPattern = '^[+-]?[0-9.]+[a-zµμ0-9.]*$';
const maxTexts = 1_000;

function flagProblem(definition: FlagDefinition, value: unknown): string | undefined {
  try {
    flagValue(definition, value);
    return undefined;
  } catch (error) {
    const problem = messageOf(error);
    return /^(must|has|is)\b/.test(problem) ? problem : `is no value of it: ${problem}`;
  }
}
