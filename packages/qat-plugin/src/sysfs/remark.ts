// SPDX-License-Identifier: Apache-2.0

/** Something that is worse than it should be and leaves devices healthy, or leaves one out. The log tells it once for each change. */
export interface Remark {
  readonly message: string;
  /** The PCI address, or the file, that it is about. */
  readonly subject: string;
  readonly reason: string;
  /** A warning, unless it is only to be known. */
  readonly level?: 'info';
}
