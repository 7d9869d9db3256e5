// SPDX-License-Identifier: Apache-2.0
import type { MeterAnswer, MeterApi, MeterRequest } from './meter-api.ts';
import { MeterKubelet } from './meter-kubelet.ts';
import type { RestartingKubelet } from './restarting-kubelet.ts';

// The meter's process: kubelets of its own, so that what the benchmark itself does is in nobody's figures.

const kubelets = new Map<string, MeterKubelet | RestartingKubelet>();

function openIn(directory: string): MeterKubelet | RestartingKubelet {
  const found = kubelets.get(directory);
  if (found === undefined) throw new Error(`no kubelet is open in ${directory}`);
  return found;
}

function meterIn(directory: string): MeterKubelet {
  const found = openIn(directory);
  if (!(found instanceof MeterKubelet)) throw new Error(`the kubelet in ${directory} can only restart`);
  return found;
}

function restartingIn(directory: string): RestartingKubelet {
  const found = openIn(directory);
  if (found instanceof MeterKubelet) throw new Error(`the kubelet in ${directory} cannot restart`);
  return found;
}

const api: MeterApi = {
  async open(directory) {
    const opened = new MeterKubelet(directory);
    kubelets.set(directory, opened);
    await opened.open();
  },
  async openRestarting(directory) {
    // Loaded here, so that the other measurements have no kubelet of the tests in their meter.
    const { RestartingKubelet } = await import('./restarting-kubelet.ts');
    const opened = new RestartingKubelet(directory);
    kubelets.set(directory, opened);
    await opened.open();
  },
  async close(directory) {
    const closed = kubelets.get(directory);
    kubelets.delete(directory);
    await closed?.close();
  },
  first: (directory, awaited, timeoutMs) => openIn(directory).events.first(awaited, timeoutMs),
  relist: (directory) => meterIn(directory).relist(),
  allocate: (directory, calls, inFlight) => meterIn(directory).allocate(calls, inFlight),
  openStreams: (directory, count, healthy, timeoutMs) => meterIn(directory).openStreams(count, healthy, timeoutMs),
  toldStreams: (directory, healthy, sinceMs, timeoutMs) => meterIn(directory).toldStreams(healthy, sinceMs, timeoutMs),
  listedResources: (directory, count, timeoutMs) => meterIn(directory).listedResources(count, timeoutMs),
  restart: (directory, kind, awayMs) => restartingIn(directory).restart(kind, awayMs),
};

process.on('message', (request: MeterRequest) => {
  void answer(request);
});
// Ctrl-C in a terminal reaches this process too; it ends with the one that started it.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit());

async function answer({ id, method, args }: MeterRequest): Promise<void> {
  const call = api[method] as (...args: unknown[]) => Promise<unknown>;
  const reply = await Promise.try(call, ...args).then(
    (result): MeterAnswer => ({ id, result }),
    (error: unknown): MeterAnswer => ({ id, problem: error instanceof Error ? error.message : String(error) }),
  );
  if (process.connected) process.send?.(reply);
}
