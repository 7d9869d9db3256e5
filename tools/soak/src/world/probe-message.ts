// SPDX-License-Identifier: Apache-2.0

/** What the soak asks of its probe in the plugin's process. */
export type ProbeRequest =
  /** Collects garbage and answers with an {@link InsideView}. */
  | { readonly ask: 'measure' }
  /** Date is so many milliseconds ahead of what it was. */
  | { readonly ask: 'jump'; readonly byMs: number };

/** What can only be seen from inside of a process. */
export interface InsideView {
  /** JavaScript's heap and the buffers that belong to it, after a full collection. */
  readonly heapBytes: number;
  readonly handles: number;
}
