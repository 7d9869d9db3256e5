// SPDX-License-Identifier: Apache-2.0

/** One line of metrics. */
export interface Sample {
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

/**
 * The samples of one metric in a text of Prometheus, or none when a line of it is wrong: then there is no telling what is missing.
 * Lines of other metrics are not looked at.
 *
 * Source: Prometheus, "Exposition formats", text-based format.
 */
export function samplesOf(text: string, metric: string): readonly Sample[] {
  const samples: Sample[] = [];
  for (const line of text.split('\n')) {
    const [head = '', name] = /^[ \t]*([A-Za-z_:][A-Za-z0-9_:]*)[ \t]*/.exec(line) ?? [];
    if (name !== metric) continue;
    const sample = parseSample(line.slice(head.length));
    if (sample === undefined) return [];
    samples.push(sample);
  }
  return samples;
}

/** What a text says of the type of a metric. */
export function metricType(text: string, metric: string): string {
  const types = text.matchAll(/^#[ \t]+TYPE[ \t]+([A-Za-z0-9_:]+)[ \t]+([a-z]+)[ \t\r]*$/gm);
  return [...types].find(([, name]) => name === metric)?.[2] ?? 'untyped';
}

/** What follows the name: labels or not, a value, a time stamp or not. */
function parseSample(text: string): Sample | undefined {
  const labels = new Map<string, string>();
  let rest = text;
  if (rest.startsWith('{')) {
    rest = rest.slice(1);
    for (let match = labelPattern.exec(rest); match !== null; match = labelPattern.exec(rest)) {
      const [whole, name = '', value = ''] = match;
      labels.set(name, unescape(value));
      rest = rest.slice(whole.length);
      if (!whole.endsWith(',')) break;
    }
    const [end] = /^[ \t]*\}/.exec(rest) ?? [];
    if (end === undefined) return undefined;
    rest = rest.slice(end.length);
  }
  const [, value] = /^[ \t]*(\S+)(?:[ \t]+-?\d+)?[ \t\r]*$/.exec(rest) ?? [];
  return value === undefined || !isNumber(value) ? undefined : { labels, value: Number(value) };
}

/** `name="value"` with the comma behind it, if there is one. */
const labelPattern = /^[ \t]*([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*,?/;

function unescape(value: string): string {
  return value.replaceAll(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
}

/** No infinities and no NaN: links have none. */
function isNumber(text: string): boolean {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text);
}
