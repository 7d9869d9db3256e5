// SPDX-License-Identifier: Apache-2.0

/** Why npm start cannot go on, in words for the person in front of it: no stack is shown for these. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
