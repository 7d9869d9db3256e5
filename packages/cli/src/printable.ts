// SPDX-License-Identifier: Apache-2.0

/** A text as one line that a terminal takes for nothing but text: what a file of a host has in it may be from anybody. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- these are what is to be kept from the terminal
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
}
