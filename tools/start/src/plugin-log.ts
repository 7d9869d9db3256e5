// SPDX-License-Identifier: Apache-2.0

/** One line of the plugin's log (`-logging-format=json`). */
export interface PluginLogRecord {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  /** What the line says beside its message, except who says it and when. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Reads a line; one that is no JSON, such as Node.js's own words about a crash, is an error with that text. */
export function parsePluginLog(line: string): PluginLogRecord {
  const record = parseRecord(line);
  if (record === undefined) return { level: 'error', message: line, fields: {} };
  const fields = Object.entries(record).filter(([key]) => !headerKeys.has(key));
  return { level: levelOf(record.level), message: String(record.msg), fields: Object.fromEntries(fields) };
}

/** The line for people: `message: resource=a/b error=why`. */
export function pluginLogText({ message, fields }: PluginLogRecord): string {
  const shown = Object.entries(fields).map(([key, value]) => ` ${key}=${valueText(value)}`);
  return shown.length === 0 ? message : `${message}:${shown.join('')}`;
}

/** What stands in every line. */
const headerKeys = new Set(['level', 'time', 'pid', 'hostname', 'name', 'caller', 'v', 'msg']);

function parseRecord(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const record = JSON.parse(line) as Record<string, unknown>;
    return typeof record.msg === 'string' ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Source of the numbers: pino, levels. */
function levelOf(level: unknown): PluginLogRecord['level'] {
  if (typeof level !== 'number' || level >= 50) return 'error';
  if (level >= 40) return 'warn';
  return level >= 30 ? 'info' : 'debug';
}

/** Of an error its message. */
function valueText(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'message' in value) return String(value.message);
  return typeof value === 'string' ? value : JSON.stringify(value);
}
