// SPDX-License-Identifier: Apache-2.0
import type { ConfigValue } from './config-value.ts';
import { optional, type Schema } from './schema.ts';

/** Devices that nobody is to be given for some time, whatever their plugin says of them. */
export interface MaintenanceEntry {
  /** Id of a device or of a share of it; `*` is any run of characters, `?` any one. */
  readonly device: string;
  /** Full name; undefined: of any resource. */
  readonly resource: string | undefined;
  readonly reason: string;
  /** Milliseconds since 1970 at which it is over; undefined: when the entry goes. */
  readonly untilMs: number | undefined;
}

/** The key `maintenance` of a configuration file. */
export const maintenanceSchema: Schema = optional({
  type: 'array',
  maxItems: 1_000,
  description: 'devices that are shown Unhealthy whatever their plugin says of them; pods keep what they have',
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['device', 'reason'],
    properties: {
      device: {
        type: 'string',
        pattern: '^[\\x21-\\x7e]{1,128}$',
        description: 'id of a device, with its shares, or of one share; * is any run of characters, ? any one',
      },
      resource: optional({
        type: 'string',
        pattern: '^[^/\\s]{1,253}/[^/\\s]{1,63}$',
        description: 'full name of the resource; all of them when left out',
      }),
      reason: {
        type: 'string',
        pattern: '^[^\\x00-\\x1f\\x7f]{1,256}$',
        description: 'for the log, the metrics and the status page',
      },
      until: optional({
        type: 'string',
        format: 'date-time',
        check: timeProblem,
        description: 'when it is over, as 2026-12-01T00:00:00Z; when the entry goes, if left out',
      }),
    },
  },
});

/** Reads entries that {@link maintenanceSchema} has found sound. */
export function readMaintenance(value: ConfigValue): readonly MaintenanceEntry[] {
  return value.items().map((item) => ({
    device: item.at('device').text(),
    resource: item.at('resource').isAbsent ? undefined : item.at('resource').text(),
    reason: item.at('reason').text(),
    untilMs: item.at('until').isAbsent ? undefined : Date.parse(item.at('until').text()),
  }));
}

/** Source: RFC 3339, date-time. */
const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

function timeProblem(value: unknown): string | undefined {
  const isTime = typeof value === 'string' && dateTime.test(value) && !Number.isNaN(Date.parse(value));
  return isTime ? undefined : 'has to be a date and a time with its zone, as 2026-12-01T00:00:00Z';
}
