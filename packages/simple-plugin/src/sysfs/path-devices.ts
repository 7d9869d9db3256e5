// SPDX-License-Identifier: Apache-2.0
import { messageOf, type Host } from '@kube-device-plugins/core';
import { hasWildcard } from '../options/path-pattern.ts';
import type { PathMember, PathRule } from '../options/path-rule.ts';
import { expandPath } from './expand-path.ts';
import { lookUpNode, type FoundMount, type FoundNode, type UnplacedDevice } from './found-node.ts';

/**
 * The devices of a rule: the first match of each of its paths is one device, the second of each is the next, and so on.
 *
 * There are as many as the path with the most matches has, and no more than every path that is not optional has, its limit taken into account.
 */
export async function readPathDevices(host: Host, rule: PathRule): Promise<readonly UnplacedDevice[]> {
  const paths: Matches[] = [];
  for (const member of rule.paths) paths.push({ member, matches: await readMatches(host, member) });
  const devices = Array.from({ length: deviceCount(paths) }, (_, index) => assemble(paths, index, rule.count));
  return rule.optional ? devices.filter(({ problem }) => problem === undefined) : devices;
}

/** The directories in which a match of a rule may come or go. */
export async function watchedByPaths(host: Host, { paths }: PathRule): Promise<readonly string[]> {
  const expansions = await Promise.all(paths.map(({ path }) => expandPath(host, path)));
  return expansions.flatMap(({ directories }) => directories);
}

interface Matches {
  readonly member: PathMember;
  readonly matches: readonly Match[];
}

/** One path that matches, and what a container gets of it. */
interface Match {
  readonly path: string;
  readonly node?: FoundNode;
  readonly mount?: FoundMount;
  readonly problem?: string;
}

/** A path without wildcards always matches; of those with some only what can be had does. */
async function readMatches(host: Host, member: PathMember): Promise<readonly Match[]> {
  if (!hasWildcard(member.path)) return [await readMatch(host, member, member.path)];
  const matches: Match[] = [];
  for (const path of (await expandPath(host, member.path)).paths) {
    const match = await readMatch(host, member, path);
    const isDirectory = match.node !== undefined && match.node.number === undefined;
    if (match.problem === undefined && !isDirectory) matches.push(match);
  }
  return matches;
}

async function readMatch(host: Host, member: PathMember, path: string): Promise<Match> {
  const containerPath = member.mountPath || path;
  if (member.type === 'Mount') {
    const problem = await mountProblem(host, path);
    const mount = { containerPath, hostPath: path, readOnly: member.readOnly };
    return { path, mount, ...(problem === undefined ? {} : { problem }) };
  }
  const node = await lookUpNode(host, path);
  const { permissions } = member;
  return 'problem' in node
    ? { path, node: { containerPath, hostPath: path, permissions }, problem: node.problem }
    : { path, node: { containerPath, permissions, ...node } };
}

async function mountProblem(host: Host, path: string): Promise<string | undefined> {
  try {
    return (await host.exists(path)) ? undefined : 'does not exist where the plugin runs';
  } catch (error) {
    return `cannot be read: ${messageOf(error)}`;
  }
}

function deviceCount(paths: readonly Matches[]): number {
  const needed = paths.filter(({ member }) => !member.optional);
  const most = Math.max(...needed.map(({ matches }) => matches.length));
  return Math.min(most, ...needed.map(({ member, matches }) => matches.length * member.limit));
}

/** A device is named by the paths that it cannot be without, so that its id stays when an optional one comes. */
function assemble(paths: readonly Matches[], index: number, count: number): UnplacedDevice {
  const parts = paths.flatMap(({ member, matches }) => {
    const match = index < matches.length * member.limit ? matches[index % matches.length] : undefined;
    return match === undefined || (member.optional && match.problem !== undefined) ? [] : [{ member, match }];
  });
  const needed = parts.filter(({ member }) => !member.optional).map(({ match }) => match);
  const problems = needed.flatMap(({ path, problem = '' }) =>
    problem === '' ? [] : [needed.length === 1 ? problem : `${path} ${problem}`],
  );
  return {
    name: needed.map(({ path }) => path),
    nodes: parts.flatMap(({ match }) => match.node ?? []),
    mounts: parts.flatMap(({ match }) => match.mount ?? []),
    count,
    ...(problems.length === 0 ? {} : { problem: problems.join(', ') }),
  };
}
