// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from 'node:util';
import { parseRelease } from './release-record.ts';

/** What the command line asks for. */
export interface UpdateOptions {
  readonly help: boolean;
  /** Release of Kubernetes that the contract is of, `v1.38.0`. */
  readonly release: string;
  /** Path of the newer contract. */
  readonly proto: string;
  /** Print the difference and change nothing. */
  readonly dryRun: boolean;
  /** Take it although something of the old contract is not in it as it was. */
  readonly force: boolean;
  /** Leave what is done when a step fails. */
  readonly keep: boolean;
}

/** Either options, or what is wrong with the command line. */
export type ParsedOptions = { readonly options: UpdateOptions } | { readonly problem: string };

/** Never throws: a wrong command line is an answer like any other. */
export function parseOptions(args: readonly string[]): ParsedOptions {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: optionConfig, allowPositionals: true });
    const { help, proto = '', force, keep } = values;
    const [release = '', ...more] = positionals;
    const problem = help ? undefined : problemOf(release, more, proto);
    return problem === undefined
      ? { options: { help, release, proto, force, keep, dryRun: values['dry-run'] } }
      : { problem };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

const optionConfig = {
  help: { type: 'boolean', short: 'h', default: false },
  proto: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  force: { type: 'boolean', default: false },
  keep: { type: 'boolean', default: false },
} as const;

function problemOf(release: string, more: readonly string[], proto: string): string | undefined {
  if (release === '') return 'there is no release: name that of Kubernetes, as in v1.38.0';
  if (parseRelease(release) === undefined) return `'${release}' is no release of Kubernetes: write it as v1.38.0`;
  if (more.length > 0) return `there is one release at a time, and '${more.join(' ')}' is too much`;
  return proto === '' ? 'there is no contract: name its file with --proto FILE' : undefined;
}

/** The text of `--help`. */
export const usage = `Usage: npm run kubelet-api:update -- RELEASE --proto FILE [OPTIONS]

Takes a newer contract between kubelet and device plugins (v1beta1) into this repository:
shows what is different, writes packages/core/proto/deviceplugin.proto with the comments
it has here, generates the TypeScript, checks types, runs the contract tests and those of
the manifests, and notes the release in docs/reference/kubelet-api.md. When a step fails,
everything is as it was before. Nothing is downloaded.

  RELEASE       the release of Kubernetes that the contract is of, such as v1.38.0
  --proto FILE  the contract: staging/src/k8s.io/kubelet/pkg/apis/deviceplugin/v1beta1/api.proto
                of a checkout of that release; relative paths start in this repository

Options:
  --dry-run   show the difference, and change nothing
  --force     take it although something was removed, renamed or renumbered, or has
              another type; kubelets of older releases still send what they always sent
  --keep      leave everything as it is when a step fails, to mend it
  -h, --help  print this text

Exit status: 0 when the contract was taken, or nothing is different; 1 when it was not,
with the reason; 2 for a wrong command line; 130 when interrupted.
`;
