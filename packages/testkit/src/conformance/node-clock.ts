// SPDX-License-Identifier: Apache-2.0
import { readFile, writeFile } from 'node:fs/promises';
import type { ConformanceSubject, InventoryHooks } from './subject.ts';

const preload = import.meta.resolve('@kube-device-plugins/testkit/shifted-clock');

/** What gives a plugin on Node.js a clock that the hook sets, and leaves that of the machine alone. */
export const nodeClock = {
  env: { NODE_OPTIONS: `--import=${preload}?file={inventory}.clock` },
  hooks: {
    async shiftClock({ inventory }, seconds) {
      const file = `${inventory}.clock`;
      const before = Number(await readFile(file, 'utf8').catch(() => '0'));
      await writeFile(file, String(before + seconds));
    },
  },
} as const satisfies { readonly env: ConformanceSubject['env']; readonly hooks: InventoryHooks };
