// SPDX-License-Identifier: Apache-2.0

/** @type {import('prettier').Config} */
export default {
  singleQuote: true,
  printWidth: 120,
  trailingComma: 'all',
  // Tables and prose are broken where a sentence ends, not where a column does.
  proseWrap: 'preserve',
};
