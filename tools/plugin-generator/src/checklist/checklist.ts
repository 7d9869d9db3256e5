// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failed, notChecked, type Finding, type Item, type Workplace } from './finding.ts';

/** An item with what became of it. */
export interface Row extends Finding {
  readonly number: number;
  readonly demand: string;
}

/** What {@link checklist} goes by. */
export interface ChecklistOptions {
  readonly root: string;
  readonly plugin: string;
  readonly items: readonly Item[];
  /** Names of items to leave out. */
  readonly skip: readonly string[];
  readonly progress: (text: string) => void;
}

/**
 * Checks one item after the other. One that a plugin has no use for stands in its package.json, with the reason:
 * `"checklist": { "node-feature-rule": "it is for any device" }`.
 *
 * @throws Error when there is no such plugin.
 */
export async function checklist({ root, plugin, items, skip, progress }: ChecklistOptions): Promise<readonly Row[]> {
  const without = await readWithout(root, plugin);
  const scratch = await mkdtemp(join(tmpdir(), 'kdp-'));
  const rows: Row[] = [];
  try {
    for (const item of items) {
      progress(item.demand);
      const reason = without[item.name];
      const finding = skip.includes(item.name)
        ? notChecked('--skip')
        : reason === undefined
          ? await check(item, { root, plugin, scratch })
          : ({ outcome: 'open', detail: reason } as const);
      rows.push({ number: item.number, demand: item.demand, ...finding });
    }
  } finally {
    await rm(scratch, { recursive: true });
  }
  return rows;
}

/** An item that cannot be checked has failed, and the others are checked. */
async function check(item: Item, workplace: Workplace): Promise<Finding> {
  try {
    return await item.check(workplace);
  } catch (error) {
    return failed(String(error));
  }
}

async function readWithout(root: string, plugin: string): Promise<Readonly<Record<string, string>>> {
  const file = join(root, 'packages', plugin, 'package.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new Error(`there is no ${file}: npx nx g @kube-device-plugins/plugin makes a plugin`, { cause: error });
  }
  return (JSON.parse(text) as { checklist?: Readonly<Record<string, string>> }).checklist ?? {};
}
