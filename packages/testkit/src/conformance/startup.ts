// SPDX-License-Identifier: Apache-2.0
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { maxSocketPathBytes } from '@kube-device-plugins/core/kubelet-api';
import { registrationProblem } from '../registration-rules.ts';
import { SocketListener } from '../socket-listener.ts';
import { type Clause, type ClauseContext, expect, Skipped } from './clause.ts';
import { expectQuiet } from './processor-time.ts';
import { openSession } from './raw-call.ts';
import type { Stage } from './stage.ts';

/** Start-up and registration. */
export const startup: readonly Clause[] = [
  {
    id: 'ST-01',
    level: 'must',
    title: 'serves its socket before it registers',
    async check({ stage, budgets }) {
      let problem: string | undefined;
      stage.kubeletWith({
        beforeRegister: async ({ endpoint }) => {
          if (!(await isServed(join(stage.place.dir, endpoint), budgets.callMs))) problem ??= endpoint;
        },
      });
      await stage.begin();
      expect(problem === undefined, `Register came while nobody answered on ${problem}`);
    },
  },
  {
    id: 'ST-02',
    level: 'must',
    title: 'answers GetDevicePluginOptions while Register is pending',
    async check({ stage }) {
      await stage.begin();
      const [failed] = stage.eventsOf('registrationFailed');
      expect(failed === undefined, `the kubelet got no answer while it held Register: ${failed?.message}`);
    },
  },
  {
    id: 'ST-03',
    level: 'must',
    title: 'registers version v1beta1, a bare file name and a valid resource name',
    async check({ stage }) {
      await stage.prepare();
      await stage.kubelet.start();
      stage.launch();
      const request = await firstRegistration(stage);
      const { endpoint } = request;
      const problem = registrationProblem(request);
      expect(problem === undefined, problem ?? '');
      expect(
        endpoint !== '' && basename(endpoint) === endpoint,
        `the endpoint is ${JSON.stringify(endpoint)}, not a bare file name`,
      );
      await stage.live();
      expect(stage.sockets.includes(endpoint), `${endpoint} is no socket in the plugin directory`);
    },
  },
  {
    id: 'ST-04',
    level: 'should',
    title: 'registers the options that GetDevicePluginOptions answers',
    async check({ stage }) {
      const { options: answered } = await stage.begin();
      const request = await firstRegistration(stage);
      const told = [request.options?.preStartRequired, request.options?.getPreferredAllocationAvailable].map(Boolean);
      const asked = [answered?.preStartRequired, answered?.getPreferredAllocationAvailable].map(Boolean);
      expect(
        told.join() === asked.join(),
        `Register says ${JSON.stringify(request.options)}, the answer ${JSON.stringify(answered)}`,
      );
    },
  },
  {
    id: 'ST-05',
    level: 'must',
    title: `has a socket path of at most ${maxSocketPathBytes} bytes in a directory with a long name, or says why it cannot`,
    async check({ stage, budgets }) {
      const free = maxSocketPathBytes - Buffer.byteLength(join(dirname(stage.place.dir), 'kubelet.sock')) - 1;
      if (free < 1) throw new Skipped('the temporary directory has too long a name itself');
      stage.moveDir('p'.repeat(free));
      await stage.prepare();
      await stage.kubelet.start();
      const plugin = stage.launch();
      const isUp = (): boolean => stage.view?.state === 'connected';
      const hasSaidWhy = (): boolean => plugin.exit !== undefined && plugin.exit.code !== 0 && plugin.output !== '';
      const done = (): boolean => isUp() || hasSaidWhy() || (plugin.exit === undefined && saysTooLong(plugin.output));
      await stage.until(
        done,
        budgets.registerMs,
        () => 'a registration, or an error that says that the path is too long',
      );
      return isUp() ? 'registered' : 'refused with a message';
    },
  },
  {
    id: 'ST-06',
    level: 'must',
    title: 'replaces the socket that a killed process left',
    async check({ stage }) {
      await stage.begin();
      await killAndKeepSocket(stage);
      stage.launch();
      await stage.live(2);
    },
  },
  {
    id: 'ST-07',
    level: 'must',
    title: 'never removes a file or directory that is in the way of its socket',
    async check({ stage, budgets }) {
      const { endpoint = '' } = await stage.begin();
      stage.plugin.kill('SIGKILL');
      await stage.plugin.exited;
      const inTheWay = join(stage.place.dir, endpoint);
      await rm(inTheWay, { force: true });
      await mkdir(inTheWay);
      await writeFile(join(inTheWay, 'precious'), '');
      const plugin = stage.launch();
      const isUp = (): boolean => (stage.view?.registrations ?? 0) > 1 && stage.view?.state === 'connected';
      const done = (): boolean => isUp() || plugin.output !== '';
      await stage.until(done, budgets.registerMs, () => `a registration by another name than ${endpoint}, or an error`);
      await stage.settle();
      await rm(join(inTheWay, 'precious')).catch(() => {
        expect(false, `${endpoint} was a directory with a file in it, and the plugin has removed it`);
      });
      return isUp() ? 'uses another name' : 'says what is in the way';
    },
  },
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
      stage.kubeletWith({
        faults: (_request, attempt) => ({ register: attempt <= refusals ? { reject: 'not yet' } : 'ok' }),
      });
      const times: number[] = [];
      stage.kubelet.subscribe((event) => {
        if (event.type === 'registrationFailed' && event.resource === stage.resource) times.push(performance.now());
      });
      await stage.prepare();
      await stage.kubelet.start();
      stage.launch();
      await stage.live(refusals + 1, 60_000);
      const pauses = times.slice(1).map((time, i) => time - (times[i] ?? 0));
      const [first, last] = [pauses.slice(0, 3), pauses.slice(3)].map((part) => part.reduce((sum, ms) => sum + ms, 0));
      const told = pauses.map((ms) => Math.round(ms)).join(', ');
      expect((last ?? 0) > (first ?? 0) * growth, `the pauses between tries do not grow: ${told} ms`);
      return `pauses of ${told} ms`;
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
      const areUp = (): boolean => others.every((resource) => endpointOf(resource) !== undefined);
      await stage.until(
        areUp,
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
        const isAnswered = await isServed(stage.socketPath, budgets.callMs, authority);
        expect(isAnswered, `no answer with :authority ${authority}`);
      }
    },
  },
];

const refusals = 7;
/** Of the second three pauses to the first three; with a doubling it would be 8, less what jitter takes. */
const growth = 1.6;
/** Timers of runtimes may be a little early. */
const roundingShare = 0.95;

async function waitsFor(stage: Stage): Promise<void> {
  await stage.settle();
  stage.expectRunning();
  await stage.kubelet.start();
  await stage.live();
}

function registrationsOf(stage: Stage): number {
  return stage.kubelet.registrations(stage.resource);
}

async function firstRegistration(
  stage: Stage,
): Promise<Extract<Stage['kubelet']['calls'][number], { method: 'Register' }>['request']> {
  await stage.kubelet.waitFor(({ calls }) => calls.some(({ method }) => method === 'Register'));
  for (const call of stage.kubelet.calls) if (call.method === 'Register') return call.request;
  throw new Error('unreachable');
}

/** SIGKILL leaves the socket where it is. */
export async function killAndKeepSocket(stage: ClauseContext['stage']): Promise<void> {
  stage.plugin.kill('SIGKILL');
  await stage.plugin.exited;
}

/** A socket that nobody listens on. */
export async function leaveSocket(path: string): Promise<void> {
  const listener = new SocketListener(path, (connection) => connection.destroy());
  await listener.listening();
  await listener.close();
}

/** Whether GetDevicePluginOptions is answered at once. */
async function isServed(socketPath: string, timeoutMs: number, authority = 'localhost'): Promise<boolean> {
  const session = openSession(socketPath);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), timeoutMs);
  session.once('close', () => resolve(false));
  const path = '/v1beta1.DevicePlugin/GetDevicePluginOptions';
  const headers = { ':method': 'POST', ':path': path, ':authority': authority, te: 'trailers' };
  const stream = session.request({ ...headers, 'content-type': 'application/grpc' });
  stream.on('response', (answer) => resolve(answer[':status'] === 200 && (answer['grpc-status'] ?? '0') === '0'));
  stream.on('error', () => resolve(false));
  stream.end(Buffer.alloc(5));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    session.destroy();
  }
}

function saysTooLong(output: string): boolean {
  return /long|107|108|sun_path|invalid argument|ENAMETOOLONG/i.test(output);
}
