// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import type { HostFixture } from '@kube-device-plugins/testkit';
import { fewRuns, inTurns, ownOnly, startOn, type Bench, type Measurement } from '../bench.ts';
import { builtPlugin, bundleVariants } from '../built-plugin.ts';
import { fpgaHost } from '@kube-device-plugins/build/hosts/fpga-host';
import { gpuHost } from '@kube-device-plugins/build/hosts/gpu-host';
import { qatHost } from '@kube-device-plugins/build/hosts/qat-host';
import { atMost, type Metric } from '../metric.ts';
import type { PluginProcess } from '../plugin-process.ts';
import { readMemory, type Memory } from '../proc.ts';
import type { OwnFlags, Variant } from '../variant.ts';

/** The rows of one way to run three plugins. */
interface Way {
  readonly register: Metric;
  readonly rss: Metric;
  readonly anonymous: Metric;
  readonly pss: Metric;
}

const one: Way = {
  register: { key: 'all.one.register', label: '3 plugins, 1 process: start → last Register', unit: 'ms' },
  rss: { key: 'all.one.rss', label: '  RSS idle, 5 s later', unit: 'MiB', target: atMost(68) },
  anonymous: { key: 'all.one.anonymous', label: '  of it anonymous', unit: 'MiB' },
  pss: { key: 'all.one.pss', label: '  PSS beside the bench', unit: 'MiB' },
};

const three: Way = {
  register: { key: 'all.three.register', label: '3 plugins, 3 processes: start → last Register', unit: 'ms' },
  rss: { key: 'all.three.rss', label: '  RSS idle, 5 s later, in all', unit: 'MiB' },
  anonymous: { key: 'all.three.anonymous', label: '  of it anonymous', unit: 'MiB' },
  pss: { key: 'all.three.pss', label: '  PSS beside the bench, in all', unit: 'MiB', target: atMost(100) },
};

export const allInOne: Measurement = {
  name: 'all-in-one',
  metrics: [one, three].flatMap(({ register, rss, anonymous, pss }) => [register, rss, anonymous, pss]),
  async run(bench, signal) {
    ownOnly(bench, allInOne.metrics);
    const few = { ...bench, runs: fewRuns(bench) };
    await using host = await bench.sites.createHost({ ...gpuHost(4), ...qatHost(16), ...fpgaHost() });
    await inTurns(few, allInOne, variantsOf('all', ['-plugins=gpu,qat,fpga']), signal, async (variant) => {
      const single = (plugin: string): Variant => sameVariant(variant, variantsOf(`${plugin}-plugin`, []));
      await measure(bench, one, host, [variant], signal);
      await measure(bench, three, host, [single('gpu'), single('qat'), single('fpga')], signal);
    });
  },
};

/** What each plugin finds on the host. */
const resources = {
  gpu: 'gpu.intel.com/i915',
  qat: 'qat.intel.com/cy',
  fpga: 'fpga.intel.com/af-ce4.d84.zkiWk5jwXzOUbVYHCL4QithCTcSko8QT-J5DNoP5BAs',
} as const;

function variantsOf(program: string, flags: ReturnType<OwnFlags>): Variant[] {
  return bundleVariants(builtPlugin(program), () => flags);
}

function sameVariant({ name }: Variant, variants: readonly Variant[]): Variant {
  const found = variants.find((variant) => variant.name === name);
  if (found === undefined) throw new Error(`there is no variant ${name}`);
  return found;
}

/** Starts all at once, and looks at their memory when the start is over. */
async function measure(
  bench: Bench,
  way: Way,
  host: HostFixture,
  variants: readonly [Variant, ...Variant[]],
  signal: AbortSignal,
): Promise<void> {
  const { results } = bench;
  const [variant] = variants;
  await using stack = new AsyncDisposableStack();
  const plugins = await Promise.all(variants.map(async (each) => stack.use(await startOn(bench, host, each, signal))));
  const startMs = Math.min(...plugins.map(({ spawnedAtMs }) => spawnedAtMs));
  const registrations = await Promise.all(Object.values(resources).map((name) => registeredAtMs(plugins, name)));
  results.add(way.register, variant, Math.max(...registrations) - startMs);
  await sleep(settleMs, undefined, { signal });
  const memories = await Promise.all(plugins.map(({ pid }) => readMemory(pid)));
  const add = (metric: Metric, key: keyof Memory): void => {
    results.add(
      metric,
      variant,
      memories.reduce((sum, memory) => sum + memory[key], 0),
    );
  };
  add(way.rss, 'rssMiB');
  add(way.anonymous, 'anonymousMiB');
  add(way.pss, 'pssMiB');
}

/** By whichever process it is. */
function registeredAtMs(plugins: readonly PluginProcess[], resource: string): Promise<number> {
  return Promise.any(
    plugins.map((plugin) => plugin.first({ kind: 'register', sinceMs: plugin.spawnedAtMs, resource })),
  );
}

const settleMs = 5_000;
