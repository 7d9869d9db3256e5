// SPDX-License-Identifier: Apache-2.0
import type { FixtureTree } from '@kube-device-plugins/testkit';

/** A plugin, the hardware it finds, and what a pod has of it. */
export interface PluginUnderTest {
  /** Name of its folders: `gpu-plugin`. */
  readonly plugin: string;
  /** /sys and /dev of a node with its hardware. Without it, the program makes them. */
  readonly hardware?: FixtureTree;
  readonly hardwareProgram?: HardwareProgram;
  /** Where its containers find device nodes: at the paths of the host, or at those with `-prefix` in front. */
  readonly nodes: 'host' | 'prefix';
  /** Flags beside `-prefix`; `{files}` stands for the directory of the files. */
  readonly flags?: readonly string[];
  /** Files that flags and program name. */
  readonly files?: Readonly<Record<string, string>>;
  /** Resource → how many devices of it the node has. */
  readonly resources: Readonly<Record<string, number>>;
  readonly pod: {
    readonly limits: Readonly<Record<string, number>>;
    /** Each device node that the container has matches the expression in its place, in the order of their paths. */
    readonly devices: readonly RegExp[];
    readonly env?: Readonly<Record<string, RegExp>>;
  };
}

/** A program of the plugin that makes `sys` and `dev` in its working directory, with files such as `c 1:3` for device nodes. */
export interface HardwareProgram {
  /** In dist/<plugin>, without `.mjs`. */
  readonly bundle: string;
  /** In /usr/local/bin of the image. */
  readonly command: string;
  /** `{files}` as in the flags. */
  readonly args: readonly string[];
}

/** Arguments with the directory of the files put in. */
export function withFiles(args: readonly string[], directory: string): string[] {
  return args.map((arg) => arg.replaceAll('{files}', directory));
}
