// SPDX-License-Identifier: Apache-2.0

/**
 * Whether the kubelet listens to a resource.
 *
 * Anybody may open ListAndWatch (tools do, read one message and leave), so a stream that ends proves nothing by itself.
 * The kubelet's is the one on the connection on which the options were asked for while its stream was missing.
 */
export class KubeletLink {
  readonly #listeners = new Set<() => void>();
  #connection: object | undefined;
  #streams = 0;
  #openedAtMs = 0;

  get isOpen(): boolean {
    return this.#streams > 0;
  }

  /** Milliseconds since the kubelet's stream was opened; 0 when it is not open. */
  get ageMs(): number {
    return this.isOpen ? performance.now() - this.#openedAtMs : 0;
  }

  /** Forgets the connection of an earlier registration. */
  expectNew(): void {
    if (!this.isOpen) this.#connection = undefined;
  }

  /** @param connection - undefined when it cannot be told. */
  optionsAsked(connection: object | undefined): void {
    if (!this.isOpen) this.#connection = connection;
  }

  /** Takes note of a stream and returns what to call when it ends, or undefined when it is not the kubelet's. */
  streamOpened(connection: object | undefined): (() => void) | undefined {
    if (this.#connection !== undefined && connection !== undefined && connection !== this.#connection) return undefined;
    if (this.isOpen && this.#connection === undefined) return undefined;
    this.#connection = connection;
    if (!this.isOpen) this.#openedAtMs = performance.now();
    this.#streams += 1;
    this.#tell();
    return () => {
      this.#streams -= 1;
      this.#tell();
    };
  }

  /** Calls `onChange` whenever a stream of the kubelet's opens or ends. Returns how to stop that. */
  subscribe(onChange: () => void): () => void {
    this.#listeners.add(onChange);
    return () => void this.#listeners.delete(onChange);
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
