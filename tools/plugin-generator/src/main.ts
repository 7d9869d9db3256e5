// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { checklist } from './checklist/checklist.ts';
import { formatRows } from './checklist/format-rows.ts';
import { items } from './checklist/items.ts';
import { parseOptions, usage, type ChecklistArguments } from './options.ts';

const names = items.map(({ name }) => name);

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let options: ChecklistArguments;
  try {
    options = parseOptions(args, names);
  } catch (error) {
    console.error(`checklist: ${error instanceof Error ? error.message : String(error)}`);
    console.error('--help lists the options.');
    return 2;
  }
  if (options.help) {
    console.log(usage(names));
    return 0;
  }
  const root = join(import.meta.dirname, '../../..');
  const progress = (text: string): void => {
    console.error(`${options.plugin}: ${text} …`);
  };
  try {
    const rows = await checklist({ ...options, root, items, progress });
    console.log(`\n${formatRows(rows)}`);
    return rows.some(({ outcome }) => outcome === 'failed') ? 1 : 0;
  } catch (error) {
    console.error(`checklist: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}
