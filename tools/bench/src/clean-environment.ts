// SPDX-License-Identifier: Apache-2.0

/** What a measured process is started with: where programs and temporary files are. A shell's own settings cost milliseconds of start. */
export function cleanEnvironment(env: Readonly<NodeJS.ProcessEnv>): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => ['PATH', 'HOME', 'TMPDIR'].includes(name)));
}
