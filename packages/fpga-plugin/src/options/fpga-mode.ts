// SPDX-License-Identifier: Apache-2.0

/** What there is to request: functions that are loaded, or regions to load one into, by the runtime or by the container. */
export const fpgaModes = ['af', 'region', 'regiondevel'] as const;

/** One of {@link fpgaModes}. */
export type FpgaMode = (typeof fpgaModes)[number];

/** Whether the text is a mode. */
export function isFpgaMode(text: string): text is FpgaMode {
  return fpgaModes.some((mode) => mode === text);
}
