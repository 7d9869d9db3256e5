// SPDX-License-Identifier: Apache-2.0

/** Why nothing was deployed, in words for the person in front of it: no stack is shown for these. */
export class DeployError extends Error {
  override readonly name = 'DeployError';
  /** 1: something failed; 2: the command line is wrong. */
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
