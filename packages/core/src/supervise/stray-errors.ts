// SPDX-License-Identifier: Apache-2.0
import { currentScope } from '../plugin-scope.ts';

/**
 * Gives exceptions and rejections of this process that nobody caught to the plugin whose code they come from, and to `onOwn` those that
 * come from no plugin's.
 */
export function catchStrayErrors(process: NodeJS.Process, onOwn: (error: unknown) => void): void {
  // Node.js calls this where the error comes from, also for rejections.
  process.on('uncaughtException', (error: unknown) => {
    (currentScope()?.onStrayError ?? onOwn)(error);
  });
}
