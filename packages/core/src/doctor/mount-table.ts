// SPDX-License-Identifier: Apache-2.0

/** One mount that a process sees. */
export interface Mount {
  readonly mountPoint: string;
  readonly isReadOnly: boolean;
  /** `ext4`, `overlay`. */
  readonly fileSystem: string;
}

/** Parses /proc/PID/mountinfo; lines of another form are left out. Source: proc_pid_mountinfo(5). */
export function parseMountTable(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\d+ \d+ \d+:\d+ \S+ (\S+) (\S+)(?: \S+)* - (\S+) \S+ (\S+)/.exec(line);
    if (match === null) return [];
    const [, mountPoint = '', options = '', fileSystem = '', superOptions = ''] = match;
    const isReadOnly = [options, superOptions].some((list) => list.split(',').includes('ro'));
    return [{ mountPoint: unescaped(mountPoint), isReadOnly, fileSystem }];
  });
}

/** The mount that a path lies in: of those that its path begins with the longest, and of these the last, which covers the others. */
export function mountOf(mounts: readonly Mount[], path: string): Mount | undefined {
  let found: Mount | undefined;
  for (const mount of mounts) {
    const { mountPoint } = mount;
    const isAbove = mountPoint === '/' || path === mountPoint || path.startsWith(`${mountPoint}/`);
    if (isAbove && mountPoint.length >= (found?.mountPoint.length ?? 0)) found = mount;
  }
  return found;
}

/** Space, tab, line feed and backslash are written in octal digits. */
function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}
