// SPDX-License-Identifier: Apache-2.0
import { parseGoDuration } from '@kube-device-plugins/core';
import type { ConfigValue } from '@kube-device-plugins/core/config';
import { optional, type Schema } from './schema.ts';

/** One thing that happens to the devices of a simulated resource. */
export interface ScriptStep {
  /** Milliseconds from the start of the script, or from the signal that the step waits for. */
  readonly atMs: number;
  /** The how-manieth SIGUSR2 it waits for; 0: none. */
  readonly signal: number;
  readonly action: ScriptAction;
}

export type ScriptAction =
  | { readonly kind: 'add' | 'remove' | 'recover'; readonly devices: Targets }
  | { readonly kind: 'fail'; readonly devices: Targets; readonly reason: string }
  /** Unhealthy and Healthy in turn, `hz` times a second, and Healthy after `forMs`. */
  | { readonly kind: 'flap'; readonly devices: Targets; readonly hz: number; readonly forMs: number }
  /** How long Allocate takes from now on. */
  | { readonly kind: 'slowAllocate'; readonly delayMs: number };

/** Indexes of devices. */
export type Targets = readonly number[] | 'all';

/** More do not fit: one device with an id of 20 characters takes 39 bytes of the 4 MiB that a kubelet receives. */
export const maxSimulatedDevices = 100_000;

const duration: Schema = { type: 'string', format: 'duration', pattern: '^\\+?[0-9.]+[a-zµμ0-9.]*$' };

/** Which devices a step is about. */
export const targetsSchema: Schema = {
  type: ['string', 'array'],
  format: 'all',
  pattern: '^all$',
  minItems: 1,
  maxItems: 1_000,
  items: { type: 'integer', minimum: 0, maximum: maxSimulatedDevices - 1 },
  description: 'all, or a list of indexes, which count from 0',
};

/** The keys `script` of a simulated resource. */
export const scriptSchema: Schema = {
  type: 'array',
  minItems: 1,
  maxItems: 1_000,
  items: {
    anyOf: [
      stepSchema('add', targetsSchema),
      stepSchema('remove', targetsSchema),
      stepSchema('fail', targetsSchema, {
        reason: optional({
          type: 'string',
          format: 'text',
          description: 'why the devices are unhealthy, for the log and the metrics',
        }),
      }),
      stepSchema('recover', targetsSchema),
      stepSchema('flap', targetsSchema, {
        hz: optional({ type: 'number', minimum: 0.01, maximum: 100, default: 1 }),
        for: { ...duration, description: 'how long it flaps' },
      }),
      stepSchema('slowAllocate', { ...duration, description: 'how long Allocate takes from now on' }),
    ],
  },
};

/** Reads a step that {@link scriptSchema} has found sound. */
export function readScriptStep(value: ConfigValue): ScriptStep {
  return { atMs: readDuration(value.at('at')), signal: value.at('signal').number(0), action: readAction(value) };
}

function stepSchema(action: string, argument: Schema, options: Readonly<Record<string, Schema>> = {}): Schema {
  return {
    type: 'object',
    required: 'for' in options ? [action, 'for'] : [action],
    additionalProperties: false,
    properties: {
      at: optional({
        ...duration,
        default: '0s',
        description: 'time since the start of the script, or since the signal',
      }),
      signal: optional({
        type: 'integer',
        minimum: 1,
        maximum: 1_000,
        description: 'the how-manieth SIGUSR2 the step waits for; none when left out',
      }),
      [action]: argument,
      ...options,
    },
  };
}

function readAction(value: ConfigValue): ScriptAction {
  const targetsOf = (key: string): Targets => {
    const { value: given } = value.at(key);
    return given === 'all'
      ? 'all'
      : value
          .at(key)
          .items()
          .map((index) => index.number(0));
  };
  const plain = (['add', 'remove', 'recover'] as const).find((kind) => value.has(kind));
  if (plain !== undefined) return { kind: plain, devices: targetsOf(plain) };
  if (value.has('fail')) return { kind: 'fail', devices: targetsOf('fail'), reason: value.at('reason').text() };
  if (value.has('flap')) {
    return {
      kind: 'flap',
      devices: targetsOf('flap'),
      hz: value.at('hz').number(1),
      forMs: readDuration(value.at('for')),
    };
  }
  return { kind: 'slowAllocate', delayMs: readDuration(value.at('slowAllocate')) };
}

/** What is no duration counts as none: the schema has noted it. */
function readDuration(value: ConfigValue): number {
  try {
    return value.isAbsent ? 0 : parseGoDuration(value.text());
  } catch {
    return 0;
  }
}
