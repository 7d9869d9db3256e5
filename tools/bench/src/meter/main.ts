// SPDX-License-Identifier: Apache-2.0
import type { MeterAnswer, MeterApi, MeterRequest } from './meter-api.ts';
import { MeterKubelet } from './meter-kubelet.ts';

// The meter's process: kubelets of its own, so that what the benchmark itself does is in nobody's figures.

const kubelets = new Map<string, MeterKubelet>();

function kubelet(directory: string): MeterKubelet {
  const found = kubelets.get(directory);
  if (found === undefined) throw new Error(`no kubelet is open in ${directory}`);
  return found;
}

const api: MeterApi = {
  async open(directory) {
    const opened = new MeterKubelet(directory);
    kubelets.set(directory, opened);
    await opened.open();
  },
  async close(directory) {
    const closed = kubelets.get(directory);
    kubelets.delete(directory);
    await closed?.close();
  },
  first: (directory, awaited, timeoutMs) => kubelet(directory).events.first(awaited, timeoutMs),
  relist: (directory) => kubelet(directory).relist(),
  allocate: (directory, calls, inFlight) => kubelet(directory).allocate(calls, inFlight),
  restart: (directory, awayMs) => kubelet(directory).restart(awayMs),
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
