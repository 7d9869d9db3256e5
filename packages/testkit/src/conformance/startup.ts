// SPDX-License-Identifier: Apache-2.0
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { maxSocketPathBytes } from '@kube-device-plugins/core/kubelet-api';
import { registrationProblem } from '../registration-rules.ts';
import { type Clause, expect, Skipped } from './clause.ts';
import { answersOptions } from './raw-call.ts';
import { registrationRetries } from './registration-retries.ts';
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
          if (!(await answersOptions(join(stage.place.dir, endpoint), budgets.callMs))) problem ??= endpoint;
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
      const isUp = (): boolean => stage.isConnected;
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
    differs: true,
    title: 'replaces the socket that a killed process left',
    async check({ stage }) {
      await stage.begin();
      await stage.crash();
      stage.launch();
      stage.deed = 'killed the plugin by SIGKILL and started it again';
      await stage.live(2);
    },
  },
  {
    id: 'ST-07',
    level: 'must',
    title: 'never removes a file or directory that is in the way of its socket',
    async check({ stage, budgets }) {
      const { endpoint = '' } = await stage.begin();
      await stage.crash();
      const inTheWay = join(stage.place.dir, endpoint);
      await rm(inTheWay, { force: true });
      await mkdir(inTheWay);
      await writeFile(join(inTheWay, 'precious'), '');
      const plugin = stage.launch();
      stage.deed = `made ${endpoint} a directory and started the plugin`;
      const isUp = (): boolean => (stage.view?.registrations ?? 0) > 1 && stage.isConnected;
      const done = (): boolean => isUp() || plugin.output !== '';
      await stage.until(done, budgets.registerMs, () => `a registration by another name than ${endpoint}, or an error`);
      await stage.settle();
      await rm(join(inTheWay, 'precious')).catch(() => {
        expect(false, `${endpoint} was a directory with a file in it, and the plugin has removed it`);
      });
      return isUp() ? 'uses another name' : 'says what is in the way';
    },
  },
  ...registrationRetries,
];

async function firstRegistration(
  stage: Stage,
): Promise<Extract<Stage['kubelet']['calls'][number], { method: 'Register' }>['request']> {
  await stage.kubelet.waitFor(({ calls }) => calls.some(({ method }) => method === 'Register'));
  for (const call of stage.kubelet.calls) if (call.method === 'Register') return call.request;
  throw new Error('unreachable');
}

function saysTooLong(output: string): boolean {
  return /too long|longer than|10[78] bytes|at most 107|sun_path|invalid argument|ENAMETOOLONG/i.test(output);
}
