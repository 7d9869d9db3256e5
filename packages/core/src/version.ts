// SPDX-License-Identifier: Apache-2.0

/** Version of the packages; a build may put another one in its place. */
export const version = '0.1.0';
