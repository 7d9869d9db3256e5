// SPDX-License-Identifier: Apache-2.0

/**
 * The command line with `-debug`, which set the log's verbosity in 2019, made `-v=4`. It goes to the front: a `-v` that is given as well counts.
 *
 * @param args - the arguments without the program.
 */
export function withDebugAlias(args: readonly string[]): readonly string[] {
  return args.some((arg) => /^--?debug(=(1|t|T|true|True|TRUE))?$/.test(arg)) ? ['-v=4', ...args] : args;
}
