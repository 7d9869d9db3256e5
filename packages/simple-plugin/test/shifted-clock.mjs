// SPDX-License-Identifier: Apache-2.0
// Loaded before a plugin: its clock is as many seconds ahead of the machine's as the file $CLOCK_SHIFT_FILE says.
import { readFileSync } from 'node:fs';

const { now } = Date;
Date.now = () => now() + shiftMs();
globalThis.Date = new Proxy(Date, {
  construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [Date.now()] : args, newTarget),
});

function shiftMs() {
  try {
    return 1000 * Number(readFileSync(process.env.CLOCK_SHIFT_FILE ?? '', 'utf8'));
  } catch {
    return 0;
  }
}
