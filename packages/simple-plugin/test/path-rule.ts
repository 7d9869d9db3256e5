// SPDX-License-Identifier: Apache-2.0
import type { PathMember, PathRule } from '../src/options/path-rule.ts';

/** A path as a configuration gives it that says nothing but this. */
export function pathMember(member: Partial<PathMember> & Pick<PathMember, 'path'>): PathMember {
  return { type: 'Device', permissions: 'rw', readOnly: false, mountPath: '', limit: 1, optional: false, ...member };
}

/** A device of one path. */
export function pathRule(member: Parameters<typeof pathMember>[0], rule: Partial<PathRule> = {}): PathRule {
  return { kind: 'path', paths: [pathMember(member)], optional: false, count: 1, ...rule };
}
