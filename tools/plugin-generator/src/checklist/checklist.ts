// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
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
 * Checks one item after the other.
 *
 * @throws Error when there is no such plugin.
 */
export async function checklist({ root, plugin, items, skip, progress }: ChecklistOptions): Promise<readonly Row[]> {
  const folder = join(root, 'packages', plugin);
  if (!existsSync(folder))
    throw new Error(`there is no ${folder}: npx nx g @kube-device-plugins/plugin makes a plugin`);
  const scratch = await mkdtemp(join(tmpdir(), 'kdp-'));
  const rows: Row[] = [];
  try {
    for (const item of items) {
      progress(item.demand);
      const finding = skip.includes(item.name) ? notChecked('--skip') : await check(item, { root, plugin, scratch });
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
