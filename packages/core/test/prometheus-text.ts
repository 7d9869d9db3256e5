// SPDX-License-Identifier: Apache-2.0

/** One metric with all its samples. */
export interface MetricFamily {
  readonly help: string;
  readonly type: string;
  readonly samples: PrometheusSample[];
}

export interface PrometheusSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * Reads a page as strictly as it is specified; throws on any line that is not. Only NaN may be spelled anyhow: the client library
 * writes `Nan`, and Prometheus reads numbers with Go's strconv.ParseFloat, which takes it.
 * Source: Prometheus, Exposition formats, Text-based format.
 */
export function parsePrometheusText(text: string): ReadonlyMap<string, MetricFamily> {
  const families = new Map<string, MetricFamily>();
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  let help: { name: string; text: string } | undefined;
  let current: string | undefined;
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [, helpName, helpText] = /^# HELP ([a-zA-Z_:][\w:]*) (.*)$/.exec(line) ?? [];
    const [, typeName, type] = /^# TYPE ([a-zA-Z_:][\w:]*) (counter|gauge|histogram|summary|untyped)$/.exec(line) ?? [];
    if (helpName !== undefined && helpText !== undefined) help = { name: helpName, text: helpText };
    else if (typeName !== undefined && type !== undefined) {
      if (families.has(typeName)) throw new Error(`${typeName} comes twice`);
      families.set(typeName, { help: help?.name === typeName ? help.text : '', type, samples: [] });
      current = typeName;
    } else addSample(families, current, line);
  }
  return families;
}

function addSample(families: ReadonlyMap<string, MetricFamily>, current: string | undefined, line: string): void {
  const [, name, labels = '', value] =
    /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? ([Nn]a[Nn]|[+-]?Inf|[-+.\deE]+)(?: \d+)?$/.exec(line) ?? [];
  const family = families.get(current ?? '');
  const suffix = name?.slice(current?.length);
  const suffixes =
    family?.type === 'histogram' || family?.type === 'summary' ? ['_bucket', '_sum', '_count', ''] : [''];
  if (
    name === undefined ||
    family === undefined ||
    !name.startsWith(current ?? '') ||
    !suffixes.includes(suffix ?? '?')
  ) {
    throw new Error(`not a sample of ${current}: ${line}`);
  }
  family.samples.push({ name, labels: parseLabels(labels), value: Number(value?.replace('Inf', 'Infinity')) });
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  let at = 0;
  for (const match of text.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/g)) {
    if (match.index !== at) break;
    at += match[0].length;
    labels[match[1] ?? ''] = (match[2] ?? '').replace(/\\(.)/g, (_, escaped: string) =>
      escaped === 'n' ? '\n' : escaped,
    );
  }
  if (at !== text.length) throw new Error(`not a list of labels: ${text}`);
  return labels;
}
