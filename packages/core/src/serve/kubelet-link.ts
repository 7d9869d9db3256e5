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
  #hasOpened = false;

  get isOpen(): boolean {
    return this.#streams > 0;
  }

  /** Whether the kubelet has opened a stream since the last {@link expectNew}. */
  get hasOpened(): boolean {
    return this.#hasOpened;
  }

  /** Forgets the connection of an earlier registration. */
  expectNew(): void {
    this.#hasOpened = this.isOpen;
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
    this.#hasOpened = true;
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
