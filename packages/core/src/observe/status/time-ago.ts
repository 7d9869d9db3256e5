// SPDX-License-Identifier: Apache-2.0

/** How long ago that was, as people say it: `12 s ago`, `3 min ago`, `5 h ago`, `2 d ago`. */
export function timeAgo(at: string, now: string): string {
  const seconds = Math.max(0, Math.round((Date.parse(now) - Date.parse(at)) / 1_000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 60 * 60) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 48 * 60 * 60) return `${Math.floor(seconds / 60 / 60)} h ago`;
  return `${Math.floor(seconds / 24 / 60 / 60)} d ago`;
}
