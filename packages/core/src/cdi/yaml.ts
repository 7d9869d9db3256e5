// SPDX-License-Identifier: Apache-2.0

/** What {@link yamlDocument} can write. Keys are plain words; one that is undefined or holds nothing is left out. */
export interface YamlMapping {
  readonly [key: string]: YamlScalar | YamlMapping | readonly (YamlScalar | YamlMapping)[] | undefined;
}

type YamlScalar = string | number;

/**
 * A YAML document in block style, with every string in double quotes.
 *
 * The quotes are why no YAML library is needed, nor loaded while a container waits: a JSON string is the same string in
 * YAML 1.1, which Go programs read, and in YAML 1.2, where plain words such as `yes` or `1:30` are not the same.
 */
export function yamlDocument(mapping: YamlMapping): string {
  return ['---', ...mappingLines(mapping), ''].join('\n');
}

function mappingLines(mapping: YamlMapping): string[] {
  return Object.entries(mapping).flatMap(([key, value]) => {
    if (value === undefined) return [];
    if (typeof value !== 'object') return [`${key}: ${scalar(value)}`];
    const lines = isList(value) ? value.flatMap(itemLines) : mappingLines(value);
    return lines.length === 0 ? [] : [`${key}:`, ...lines.map((line) => `  ${line}`)];
  });
}

function itemLines(item: YamlScalar | YamlMapping): string[] {
  const lines = typeof item === 'object' ? mappingLines(item) : [scalar(item)];
  return lines.map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`));
}

/** JSON leaves characters as they are that YAML forbids or takes for line breaks (YAML 1.1, section 4.1; 1.2, 5.1). */
function scalar(value: YamlScalar): string {
  return JSON.stringify(value).replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function isList(value: object): value is readonly (YamlScalar | YamlMapping)[] {
  return Array.isArray(value);
}
