// SPDX-License-Identifier: Apache-2.0

/** Why an image cannot be made, in words for the person in front of it: no stack is shown for these. */
export class ImageError extends Error {
  override readonly name = 'ImageError';
  /** 1: something failed; 2: the command line is wrong. */
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
