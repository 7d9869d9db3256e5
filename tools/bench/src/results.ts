// SPDX-License-Identifier: Apache-2.0
import type { Metric } from './metric.ts';
import type { Variant } from './variant.ts';

/** Figures of each metric and variant, or why there are none. */
export class Results {
  readonly #figures = new Map<string, number[]>();
  readonly #remarks = new Map<string, string>();
  /** What went wrong with our own variants, in full. */
  readonly failures: string[] = [];

  add(metric: Metric, variant: Variant, figure: number): void {
    const key = keyOf(metric, variant);
    const figures = this.#figures.get(key) ?? [];
    figures.push(figure);
    this.#figures.set(key, figures);
  }

  figures(metric: Metric, variant: Variant): readonly number[] {
    return this.#figures.get(keyOf(metric, variant)) ?? [];
  }

  /** Says why figures are missing. */
  remark(metrics: readonly Metric[], variant: Variant, text: string): void {
    for (const metric of metrics) this.#remarks.set(keyOf(metric, variant), text);
  }

  remarkOn(metric: Metric, variant: Variant): string | undefined {
    return this.#remarks.get(keyOf(metric, variant));
  }

  /** Remarks on what went wrong; what a peer cannot do is no failure of ours. */
  fail(metrics: readonly Metric[], variant: Variant, error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    this.remark(metrics, variant, `failed: ${text.split('\n', 1)[0] ?? ''}`);
    if (variant.isOwn) this.failures.push(`${variant.name}: ${text}`);
  }
}

function keyOf(metric: Metric, variant: Variant): string {
  return JSON.stringify([metric.key, variant.name]);
}
