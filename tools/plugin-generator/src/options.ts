// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from 'node:util';

/** What the command line of the checklist asks for. */
export interface ChecklistArguments {
  readonly help: boolean;
  readonly plugin: string;
  readonly skip: readonly string[];
}

/**
 * @param names - of the items.
 * @throws RangeError or TypeError that says what is wrong with the command line.
 */
export function parseOptions(args: readonly string[], names: readonly string[]): ChecklistArguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: optionConfig,
    strict: true,
    allowPositionals: true,
  });
  const unknown = values.skip.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new RangeError(`there is no item '${unknown}'; there are: ${names.join(', ')}`);
  const [plugin = ''] = positionals;
  if (!values.help && positionals.length !== 1) throw new RangeError('name one plugin, such as gpu-plugin');
  if (!/^[a-z0-9-]*$/.test(plugin)) throw new RangeError(`'${plugin}' is no name of a plugin`);
  return { help: values.help, plugin, skip: values.skip };
}

const optionConfig = {
  help: { type: 'boolean', short: 'h', default: false },
  skip: { type: 'string', multiple: true, default: [] as string[] },
} as const;

/** What `--help` prints. */
export function usage(names: readonly string[]): string {
  return `npx nx run gpu-plugin:checklist [-- --skip ITEM]

Goes through the checklist for new plugins, item by item, and prints what it found.

Items: ${names.join(', ')}

  --skip ITEM  leave this one out; may be given several times
  -h, --help   this text

Exit codes: 0 nothing failed, 1 an item failed, 2 the command line is wrong.
`;
}
