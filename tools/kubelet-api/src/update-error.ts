// SPDX-License-Identifier: Apache-2.0

/** Why the contract was not taken, in words for the person in front of it: no stack is shown for these. */
export class UpdateError extends Error {
  override readonly name = 'UpdateError';
}
