// SPDX-License-Identifier: Apache-2.0
import { type KubeletProfile, traitsOf } from '../kubelet-profile.ts';
import type { RestartKind } from '../kubelet-event.ts';
import { readListOnce } from '../foreign-clients.ts';
import { type Clause, type ClauseContext, expect, reach } from './clause.ts';
import { expectQuiet } from './processor-time.ts';
import type { Stage } from './stage.ts';
import { streams } from './streams.ts';

/** The kubelet restarts, its streams end, and sockets disappear. */
export const restart: readonly Clause[] = [
  afterRestart('RS-01', 'graceful', 'is back after a restart of the kubelet that deletes its socket'),
  {
    id: 'RS-02',
    level: 'must',
    differs: true,
    title: 'waits for the kubelet after a crash that left kubelet.sock behind, without a busy loop',
    async check({ stage, budgets }) {
      await stage.begin();
      stage.deed = 'killed the kubelet, which left its socket behind';
      await stage.kubelet.stop('crash');
      await stage.pause(budgets.idleMs / 2);
      stage.expectRunning();
      const detail = await expectQuiet(stage, stage.plugin);
      stage.deed = 'killed the kubelet, and started it again';
      await stage.kubelet.start();
      // What a plugin waits at the most after a failed call.
      await stage.live(2, 2 * budgets.registerMs);
      return detail;
    },
  },
  {
    id: 'RS-03',
    level: 'must',
    differs: true,
    title: 'makes its socket again when somebody deletes it, and registers again',
    async check({ stage }) {
      await stage.begin();
      stage.deleteSocket();
      await stage.live(2);
      await stage.expectAlive();
    },
  },
  {
    id: 'RS-04',
    level: 'must',
    differs: true,
    title: 'registers again when kubelet.sock is replaced and its own socket is not',
    async check({ stage, budgets }) {
      await stage.begin();
      const own = stage.sockets;
      // The kubelet deletes the plugin's socket only when this clause is over.
      const restarting = stage.restart('kubelet-sock-first', { downMs: 2 * budgets.registerMs });
      restarting.catch(() => undefined);
      await stage.live(2);
      const kept = own.every((name) => stage.sockets.includes(name));
      return kept ? undefined : 'made a new socket';
    },
  },
  afterRestart('RS-05', 'same-inode', 'is back when the new kubelet.sock has the inode number of the old one'),
  afterRestart('RS-06', 'fast', 'is back when kubelet.sock is deleted and made within a millisecond'),
  {
    id: 'RS-07',
    level: 'must',
    differs: true,
    title: 'is back once after two restarts in a row, and leaves no socket over',
    async check({ stage, subject, budgets }) {
      await stage.begin();
      await stage.restart('twice-in-a-row', { gapMs: 100 });
      await stage.live(2);
      const count = subject.resources.length;
      const isTidy = (): boolean => stage.sockets.length === count && stage.isConnected;
      await stage.until(isTidy, budgets.registerMs, () => `${count} sockets instead of ${stage.sockets.join(', ')}`);
    },
  },
  {
    id: 'RS-08',
    level: 'must',
    differs: true,
    title: 'is back when the whole directory is removed and made anew, or exits with an error',
    async check({ stage, budgets }) {
      await stage.begin();
      await stage.restart('wipe-dir', { downMs: 300 });
      const hasGivenUp = (): boolean => (stage.plugin.exit?.code ?? 0) !== 0;
      const isBack = (): boolean => stage.eventsOf('registered').length > 1 && stage.isConnected;
      await stage.until(
        () => isBack() || hasGivenUp(),
        2 * budgets.registerMs,
        () => 'a registration in the new directory, or an exit with an error',
      );
      return isBack() ? 'registers again' : 'exits, to be started again';
    },
  },
  afterCut('RS-09', 'cancel', 'registers again when the kubelet cancels its stream'),
  afterCut('RS-10', 'reset', 'registers again when the connection of the kubelet is cut without a word'),
  {
    id: 'RS-11',
    level: 'must',
    differs: true,
    title: 'does not storm the kubelet with registrations when its streams end over and over',
    async check({ stage, budgets }) {
      await stage.begin();
      stage.kubelet.faults = { listAndWatch: { cancelAfter: 1 } };
      const before = stage.kubelet.registrations(stage.resource);
      const hasMore = (): boolean => stage.kubelet.registrations(stage.resource) > before;
      stage.cutStreams('cancel');
      await reach(
        'RS-09',
        stage.until(
          () => hasMore(),
          budgets.registerMs,
          () => 'a registration',
        ),
      );
      stage.deed = 'cancelled each stream of the kubelet after its first list';
      await stage.pause(budgets.stormMs);
      const count = stage.kubelet.registrations(stage.resource) - before;
      const most = 5 + budgets.stormMs / 1000;
      expect(count <= most, `${count} registrations in ${budgets.stormMs} ms`);
      stage.kubelet.faults = {};
      stage.deed = 'cancelled streams over and over, and then no more';
      await stage.live(before + count + 1, 35_000);
      return `${count} registrations in ${budgets.stormMs} ms`;
    },
  },
  {
    id: 'RS-12',
    level: 'must',
    title: 'does not take another client that reads a list and leaves for the kubelet',
    async check({ stage, budgets }) {
      await stage.begin();
      const before = stage.kubelet.registrations(stage.resource);
      stage.deed = 'read a list three times beside the kubelet';
      for (let i = 0; i < 3; i++) await readListOnce(stage.socketPath);
      await stage.pause(budgets.idleMs);
      const more = stage.kubelet.registrations(stage.resource) - before;
      expect(more === 0 && stage.isConnected, `registered ${more} times more, ${stage.view?.state}`);
    },
  },
  ...streams,
  {
    id: 'RS-17',
    level: 'must',
    title:
      'ends its old streams before it registers again: kubelets up to 1.36 take the end of one for the end of the new one',
    differs: true,
    profile: byName,
    async check({ stage, budgets }) {
      const { devices, registrations: before } = await stage.begin();
      stage.deleteSocket();
      await reach('RS-03', stage.live(before + 1));
      await stage.pause(budgets.idleMs);
      const { state, allocatable, registrations = 0 } = stage.view ?? {};
      expect(
        state === 'connected' && allocatable === devices.length,
        `${allocatable} of ${devices.length} are allocatable, ${state}`,
      );
      expect(registrations === before + 1, `it took ${registrations - before} registrations`);
    },
  },
  succession('RS-18', byName, false, 'is live in the end when a second instance takes over, with kubelets up to 1.36'),
  succession('RS-19', byPath, true, 'is live all the time when a second instance takes over'),
  {
    id: 'RS-20',
    level: 'must',
    differs: true,
    title: 'recovers when the kubelet restarts during Allocate',
    async check({ stage }) {
      await stage.begin();
      const [id = ''] = stage.ids(1);
      const allocating = stage.kubelet.describeDevice(stage.resource, id).then(
        () => 'answered',
        () => 'cut',
      );
      await stage.pause(underWayMs);
      await stage.restart('crash');
      await reach('RS-01', stage.live(2));
      stage.deed = 'restarted the kubelet during Allocate';
      await stage.kubelet.describeDevice(stage.resource, id);
      return await allocating;
    },
  },
];

/** Until the plugin has the request. */
const underWayMs = 30;

/** Kubelets that find the client of a stream by the name of the resource alone. */
function byName(asked: KubeletProfile): KubeletProfile {
  return isByName(asked) ? asked : newestByName;
}

/** Those that tell instances apart by their sockets as well. */
function byPath(asked: KubeletProfile): KubeletProfile | undefined {
  return isByName(asked) ? undefined : asked;
}

function isByName(profile: KubeletProfile): boolean {
  return traitsOf(profile).clientKey === 'name';
}

const newestByName = '1.36' satisfies KubeletProfile;

function afterRestart(id: string, kind: RestartKind, title: string): Clause {
  const check = async ({ stage }: ClauseContext): Promise<void> => {
    await stage.begin();
    await stage.restart(kind);
    await stage.live(2);
    await stage.expectAlive();
  };
  return { id, level: 'must', title, differs: true, check };
}

function afterCut(id: string, kind: 'cancel' | 'reset', title: string): Clause {
  const check = async ({ stage }: ClauseContext): Promise<void> => {
    const { capacity } = await stage.begin();
    stage.cutStreams(kind);
    const view = await stage.live(2);
    expect(view.allocatable === capacity, `${view.allocatable} of ${capacity} are allocatable again`);
  };
  return { id, level: 'must', title, differs: true, check };
}

function succession(id: string, profile: NonNullable<Clause['profile']>, isGapless: boolean, title: string): Clause {
  const check = async ({ stage, budgets }: ClauseContext): Promise<void> => {
    const { capacity } = await stage.begin();
    const first = stage.plugin;
    stage.launch();
    stage.deed = 'started a second instance';
    // The second call of Register is counted before the kubelet is connected to the second instance.
    const hasSucceeded = (): boolean => stage.eventsOf('registered').length > 1;
    await stage.until(hasSucceeded, budgets.registerMs, () => 'the registration of the second instance');
    await stage.live(2);
    stage.deed = 'started a second instance, and ended the first by SIGTERM';
    first.kill('SIGTERM');
    await first.exited;
    const isLive = (): boolean => stage.isConnected && stage.allocatable === capacity;
    if (isGapless) await expectNoDip(stage, isLive, budgets.idleMs);
    else await stage.until(isLive, 2 * budgets.registerMs, () => `${capacity} allocatable devices`);
  };
  return { id, level: 'should', title, differs: true, profile, check };
}

async function expectNoDip(stage: Stage, isLive: () => boolean, forMs: number): Promise<void> {
  const endMs = performance.now() + forMs;
  while (performance.now() < endMs) {
    expect(isLive(), `${stage.allocatable} devices are allocatable, ${stage.view?.state}`);
    await stage.pause(20);
  }
}
