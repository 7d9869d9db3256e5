// SPDX-License-Identifier: Apache-2.0
import type { Paint } from '@kube-device-plugins/terminal';

/** Where lines go. */
export interface Output {
  readonly write: (lines: readonly string[]) => void;
  /** Width of the terminal; Infinity when the output is none, and nothing is cut. */
  readonly columns: number;
  readonly paint: Paint;
  /** What to say once at the beginning, one line each. */
  readonly notices: readonly string[];
}
