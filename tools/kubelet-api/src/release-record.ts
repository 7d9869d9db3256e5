// SPDX-License-Identifier: Apache-2.0
import { UpdateError } from './update-error.ts';

/** A release of Kubernetes, or nothing when it is none: `v1.38.0`, `1.38`, `v1.38.0-rc.1`. */
export function parseRelease(text: string): readonly [major: number, minor: number, patch: number] | undefined {
  const [, major, minor, patch = '0'] =
    /^v?(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4})(?:-[a-z0-9.]{1,40})?)?$/.exec(text) ?? [];
  return major === undefined ? undefined : [Number(major), Number(minor), Number(patch)];
}

const heading = '## Releases';

/**
 * The page with one item more in its list of releases.
 *
 * @throws {UpdateError} when it has no such list, or when the newest item is of this or of a newer release and `force` is not set
 */
export function recordRelease(page: string, release: string, changes: readonly string[], force: boolean): string {
  const start = page.indexOf(`${heading}\n`);
  const items = start < 0 ? [] : [...page.slice(start).matchAll(/^- (v?\d\S*): .*\n/gm)];
  const last = items.at(-1);
  if (last === undefined)
    throw new UpdateError(`docs/reference/kubelet-api.md has no list below '${heading}': restore it from git`);
  const newest = last[1] ?? '';
  if (!force && compareReleases(release, newest) <= 0)
    throw new UpdateError(`the contract is that of ${newest} already, and ${release} is not newer: --force takes it`);
  const told = changes.length === 0 ? 'nothing is different' : changes.map((change) => `\`${change}\``).join(', ');
  const end = start + last.index + last[0].length;
  return `${page.slice(0, end)}- ${release}: ${told}\n${page.slice(end)}`;
}

/** Negative when `one` is older. */
function compareReleases(one: string, other: string): number {
  const [a, b] = [parseRelease(one) ?? [0, 0, 0], parseRelease(other) ?? [0, 0, 0]];
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
