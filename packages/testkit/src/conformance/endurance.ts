// SPDX-License-Identifier: Apache-2.0
import { type Clause, type ClauseContext, expect, hook } from './clause.ts';
import { mostLists } from './health-under-stress.ts';
import { seen } from './health.ts';
import { ListWatch } from './list-watch.ts';
import { openSession, pings } from './raw-call.ts';

/** Long connections, and long lists that change all the time. */
export const endurance: readonly Clause[] = [
  {
    id: 'RB-09',
    level: 'should',
    title: 'cuts neither a connection with pings nor one that is idle',
    watchesMs: ({ pingMs, idleMs }) => Math.max(leastPings * pingMs, idleMs),
    async check({ stage, budgets }) {
      await stage.begin();
      using watch = new ListWatch(stage.socketPath);
      const idle = openSession(stage.socketPath);
      try {
        const endMs = performance.now() + Math.max(leastPings * budgets.pingMs, budgets.idleMs);
        let sent = 0;
        while (performance.now() < endMs) {
          await stage.pause(budgets.pingMs);
          expect(await watch.ping(budgets.callMs), `the connection was cut at ping ${sent + 1}`);
          sent += 1;
        }
        stage.deed = 'left a connection idle';
        expect(await pings(idle, budgets.callMs), 'the idle connection was cut');
        const seconds = Math.round((sent * budgets.pingMs) / 1000);
        return `${sent} pings; idle for ${seconds} s, where the clause means 40 minutes`;
      } finally {
        idle.destroy();
      }
    },
  },
  {
    id: 'RB-14',
    level: 'should',
    title: 'bears a change each second among 10,000 devices, without ever more memory, processor time or lists',
    needs: ['populate', 'fail', 'recover'],
    watchesMs: ({ churnMs }) => 2 * churnMs,
    async check(context) {
      const { stage, budgets } = context;
      await stage.prepare((place) => hook(context, 'populate')(place, many));
      await stage.kubelet.start();
      stage.launch();
      await stage.live(1, 2 * budgets.registerMs);
      // What the first lists allocate is no growth.
      await churn(context, budgets.churnMs / 4);
      const before = { bytes: stage.plugin.residentBytes, cpuMs: stage.plugin.cpuMs, ms: performance.now() };
      const listsBefore = stage.eventsOf('listed').length;
      await churn(context, budgets.churnMs);
      stage.deed = `changed one of ${many} devices each second`;
      const tookMs = performance.now() - before.ms;
      const lists = stage.eventsOf('listed').length - listsBefore;
      expect(lists <= mostLists(tookMs), `${lists} lists came in ${Math.round(tookMs)} ms`);
      const { residentBytes, cpuMs } = stage.plugin;
      if (before.bytes === undefined || residentBytes === undefined) return 'memory is not known on this system';
      const grownMib = Math.round((residentBytes - before.bytes) / 2 ** 20);
      const percent = Math.round((100 * ((cpuMs ?? 0) - (before.cpuMs ?? 0))) / tookMs);
      const told = `memory grew by ${grownMib} MiB, and ${percent} % of a processor was taken`;
      expect(grownMib <= mostGrowthMib && percent <= mostPercent, told);
      return `${told} in ${Math.round(tookMs / 1000)} s, where the clause means 10 minutes`;
    },
  },
];

/** Servers that count pings as bad manners cut a connection after three. Source: gRPC, A8 and keepalive guide. */
const leastPings = 4;
const many = 10_000;
/** A heap breathes; a list of 10,000 devices takes 2 MiB at the most while it is sent. */
const mostGrowthMib = 64;
const mostPercent = 80;

async function churn(context: ClauseContext, forMs: number): Promise<void> {
  const { stage } = context;
  const [id = ''] = stage.devices.map((device) => device.id);
  const endMs = performance.now() + forMs;
  do {
    await hook(context, 'fail')(stage.place, id);
    await stage.pause(1000);
    await hook(context, 'recover')(stage.place, id);
    await stage.pause(1000);
  } while (performance.now() < endMs);
  await seen(context, id, 'Healthy', 2);
}
