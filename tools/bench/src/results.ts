// SPDX-License-Identifier: Apache-2.0

/** Figures of each metric and variant, or why there are none. */
export class Results {
  readonly #figures = new Map<string, number[]>();
  readonly #remarks = new Map<string, string>();

  add(metric: string, variant: string, figure: number): void {
    const key = keyOf(metric, variant);
    const figures = this.#figures.get(key) ?? [];
    figures.push(figure);
    this.#figures.set(key, figures);
  }

  /** Says why figures are missing. */
  remark(metric: string, variant: string, text: string): void {
    this.#remarks.set(keyOf(metric, variant), text);
  }

  figures(metric: string, variant: string): readonly number[] {
    return this.#figures.get(keyOf(metric, variant)) ?? [];
  }

  remarkOn(metric: string, variant: string): string | undefined {
    return this.#remarks.get(keyOf(metric, variant));
  }
}

function keyOf(metric: string, variant: string): string {
  return JSON.stringify([metric, variant]);
}
