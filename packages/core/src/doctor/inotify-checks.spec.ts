// SPDX-License-Identifier: Apache-2.0
import { link, type FixtureTree } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { verdictOn } from '../../test/support/scene.ts';
import { inotifyChecks, judgeUse } from './inotify-checks.ts';

const [instances, watches] = inotifyChecks;

/** Processes 1 and 2 of root with these numbers of watches, an instance each; 3 is somebody else's, and 4 ends meanwhile. */
function processes(...counts: readonly number[]): FixtureTree {
  const tree = counts.map((count, index) => ({
    [`proc/${index + 1}/status`]: 'Name:\tx\nUid:\t0\t0\t0\t0\n',
    [`proc/${index + 1}/fd/0`]: link('/dev/null'),
    [`proc/${index + 1}/fd/7`]: link('anon_inode:inotify'),
    [`proc/${index + 1}/fdinfo/7`]: `pos:\t0\nflags:\t00\n${'inotify wd:1 ino:2 sdev:3 mask:fc6\n'.repeat(count)}`,
  }));
  return Object.assign(
    {
      'proc/sys/fs/inotify/max_user_instances': '128\n',
      'proc/sys/fs/inotify/max_user_watches': '100\n',
      'proc/99/status': 'Uid:\t1000\t1000\t1000\t1000\n',
      'proc/99/fd/7': link('anon_inode:inotify'),
      'proc/100/status': '',
      'proc/2/comm': 'kthreadd\n',
    },
    ...tree,
  ) as FixtureTree;
}

describe('inotify-instances and inotify-watches', () => {
  it.each([
    ['ok: 2 of 128 are used', 'ok: 5 of 100 are used', processes(2, 3)],
    ['ok: 2 of 128 are used', 'warning: 82 of 100 are used', processes(80, 2)],
    ['ok: 3 of 128 are used', 'problem: 95 of 100 are used', processes(80, 10, 5)],
    [
      'unknown: at least 1 of 128 are used; not every process can be seen from here',
      'warning: 82 of 100 are used',
      { ...processes(82), 'proc/2/comm': 'node\n' },
    ],
    [
      'unknown: at least 1 of 128 are used; not every process can be seen from here',
      'unknown: at least 7 of 100 are used; not every process can be seen from here',
      // A loop of links is refused as a directory without permission is, to root as well.
      { ...processes(7), 'proc/5/status': 'Uid:\t0\t0\t0\t0\n', 'proc/5/fd': link('fd') },
    ],
    ['unknown: /proc/sys/fs/inotify cannot be read', 'unknown: /proc/sys/fs/inotify cannot be read', {}],
  ])('say %j and %j', async (ofInstances, ofWatches, tree) => {
    expect(await verdictOn(instances, tree)).toBe(ofInstances);
    expect(await verdictOn(watches, tree)).toBe(ofWatches);
  });

  it('stop counting when nobody waits any more', async () => {
    const signal = AbortSignal.abort();
    const { SceneFixture } = await import('../../test/support/scene.ts');
    await using node = await SceneFixture.create(processes(2, 3));
    expect(await instances.examine(node.scene, signal)).toMatchObject({ state: 'unknown' });
  });

  it('are a problem where the limit leaves no room at all', () => {
    const unseen = { used: undefined, isComplete: false };
    expect(judgeUse({ limit: 0, ...unseen }, 1)).toEqual({ state: 'problem', found: 'the limit is 0' });
    expect(judgeUse({ limit: 128, used: 128, isComplete: false }, 1).state).toBe('problem');
  });
});
