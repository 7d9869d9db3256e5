// SPDX-License-Identifier: Apache-2.0

/** Calls `listener` on each of these signals of the process. Returns how to stop that. */
export function onProcessSignal(
  names: readonly NodeJS.Signals[],
  listener: (name: NodeJS.Signals) => void,
): () => void {
  for (const name of names) process.on(name, listener);
  return () => {
    for (const name of names) process.off(name, listener);
  };
}
