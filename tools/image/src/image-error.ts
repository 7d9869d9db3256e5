// SPDX-License-Identifier: Apache-2.0

/** Why an image cannot be made, in words for the person in front of it: no stack is shown for these. */
export class ImageError extends Error {
  override readonly name = 'ImageError';
}
