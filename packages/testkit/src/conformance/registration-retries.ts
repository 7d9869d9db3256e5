// SPDX-License-Identifier: Apache-2.0
import { mkdir } from 'node:fs/promises';
import { SocketListener } from '../socket-listener.ts';
import { type Clause, expect, Skipped } from './clause.ts';
import { expectQuiet } from './processor-time.ts';
import { answersOptions } from './raw-call.ts';
import type { Stage } from './stage.ts';

/** Registration with a kubelet that is late, refuses, hangs or forgets. */
export const registrationRetries: readonly Clause[] = [
  {
    id: 'ST-09',
    level: 'must',
    title: 'waits for a kubelet that is not there yet',
    async check({ stage }) {
      await stage.prepare();
      await mkdir(stage.place.dir);
      stage.launch();
      await waitsFor(stage);
    },
  },
  {
    id: 'ST-10',
    level: 'must',
    title: 'waits for a plugin directory that is not there yet, without a busy loop',
    async check({ stage }) {
      await stage.prepare();
      const plugin = stage.launch();
      await stage.settle();
      const detail = await expectQuiet(stage, plugin);
      await waitsFor(stage);
      return detail;
    },
  },
  {
    id: 'ST-11',
    level: 'must',
    title: 'tries again while kubelet.sock refuses connections',
    async check({ stage }) {
      await stage.prepare();
      await mkdir(stage.place.dir);
      await leaveSocket(stage.kubelet.socketPath);
      stage.launch();
      await waitsFor(stage);
    },
  },
  {
    id: 'ST-12',
    level: 'must',
    title: 'tries again when Register is refused, with growing pauses',
    async check({ stage }) {
      const told = (): string =>
        pausesOf(stage)
          .map((ms) => Math.round(ms))
          .join(', ');
      const startMs = performance.now();
      const isRefused = (attempt: number): boolean =>
        attempt <= refusals.least || (attempt <= refusals.most && performance.now() - startMs < refusals.untilMs);
      stage.kubeletWith({
        faults: (_request, attempt) => ({ register: isRefused(attempt) ? { reject: 'not yet' } : 'ok' }),
      });
      await stage.prepare();
      await stage.kubelet.start();
      stage.launch();
      stage.deed = 'refused the first calls of Register';
      await stage.until(
        () => stage.eventsOf('registered').length > 0,
        retriesMs,
        () =>
          `a call after ${refusals.least} refused ones; there were ${registrationsOf(stage)}, with pauses of ${told()} ms`,
      );
      const pauses = pausesOf(stage);
      const sum = (part: readonly number[]): number => part.reduce((total, ms) => total + ms, 0);
      expect(
        sum(pauses.slice(-2)) > growth * sum(pauses.slice(0, 2)),
        `the last two pauses are together no more than ${growth} times the first two: ${told()} ms`,
      );
      return `pauses of ${told()} ms`;
    },
  },
  {
    id: 'ST-13',
    level: 'must',
    title: 'gives up a Register that hangs, after more than the 10 s a kubelet may take, and tries again',
    async check({ stage, budgets }) {
      const { min, max } = budgets.registerDeadlineMs;
      stage.kubeletWith({ faults: (_request, attempt) => ({ register: attempt === 1 ? 'hang' : 'ok' }) });
      await stage.prepare();
      await stage.kubelet.start();
      stage.launch();
      await stage.until(
        () => registrationsOf(stage) > 0,
        budgets.registerMs,
        () => 'Register',
      );
      const startMs = performance.now();
      await stage.live(2, max + budgets.registerMs);
      const tookMs = Math.round(performance.now() - startMs);
      expect(tookMs >= min * roundingShare, `gave up after ${tookMs} ms, but a kubelet may take ${min} ms`);
      return `after ${tookMs} ms`;
    },
  },
  {
    id: 'ST-15',
    level: 'must',
    title: 'registers again when the kubelet does not open ListAndWatch, but not over and over',
    async check({ stage, budgets }) {
      stage.kubeletWith({ faults: (_request, attempt) => ({ listAndWatch: attempt === 1 ? 'skip' : 'ok' }) });
      await stage.prepare();
      await stage.kubelet.start();
      stage.launch();
      await stage.live(2, budgets.unwatchedMs + budgets.registerMs);
      const count = registrationsOf(stage);
      expect(count <= 3, `registered ${count} times`);
    },
  },
  {
    id: 'ST-17',
    level: 'must',
    title: 'serves each of several resources on a socket of its own, whatever becomes of the others',
    async check({ stage, subject, budgets }) {
      const [first, ...others] = subject.resources;
      if (others.length === 0) throw new Skipped('needs a plugin with two resources');
      stage.kubeletWith({
        faults: ({ resourceName }) => ({ register: resourceName === first ? { reject: 'not this one' } : 'ok' }),
      });
      await stage.prepare();
      await stage.kubelet.start();
      stage.launch();
      const endpointOf = (resource: string): string | undefined => {
        const view = stage.kubelet.resources().get(resource);
        return view?.state === 'connected' ? view.endpoint : undefined;
      };
      const isRefused = (): boolean => stage.kubelet.registrations(first) > 0;
      const areUp = (): boolean => others.every((resource) => endpointOf(resource) !== undefined);
      await stage.until(
        () => isRefused() && areUp(),
        budgets.registerMs,
        () => `${others.join(', ')} to be connected although ${first} is refused`,
      );
      stage.kubelet.faults = {};
      await stage.live(2, 60_000);
      const endpoints = subject.resources.map(endpointOf);
      expect(new Set(endpoints).size === endpoints.length, `the sockets are ${endpoints.join(', ')}`);
    },
  },
  {
    id: 'ST-20',
    level: 'must',
    title: 'takes calls for localhost, and for its path in percent-encoding',
    shares: true,
    async check({ stage, budgets }) {
      for (const authority of ['localhost', encodeURIComponent(stage.socketPath)]) {
        const isAnswered = await answersOptions(stage.socketPath, budgets.callMs, authority);
        expect(isAnswered, `no answer with :authority ${authority}`);
      }
    },
  },
];

/** At least four, after which a plugin that doubles its pauses from 5 s to 30 s has taken 65 s; more of those that begin with short ones. */
const refusals = { least: 4, most: 8, untilMs: 5_000 };
const retriesMs = 90_000;
/** Of the last two pauses to the first two; with a doubling it would be 4 or more, less what jitter takes. */
const growth = 1.6;
/** Timers of runtimes may be a little early. */
const roundingShare = 0.95;

/** Between the answers to Register, oldest first. */
function pausesOf(stage: Stage): number[] {
  const isAnswer = (type: string): boolean => type === 'registrationFailed' || type === 'registered';
  const times = stage.events.flatMap(({ event, atMs }) =>
    isAnswer(event.type) && 'resource' in event && event.resource === stage.resource ? [atMs] : [],
  );
  return times.slice(1).map((time, i) => time - (times[i] ?? 0));
}

async function waitsFor(stage: Stage): Promise<void> {
  await stage.settle();
  stage.expectRunning();
  await stage.kubelet.start();
  await stage.live();
}

function registrationsOf(stage: Stage): number {
  return stage.kubelet.registrations(stage.resource);
}

/** A socket that nobody listens on. */
async function leaveSocket(path: string): Promise<void> {
  const listener = new SocketListener(path, (connection) => connection.destroy());
  await listener.listening();
  await listener.close();
}
