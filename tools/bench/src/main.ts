// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Bench, Measurement } from './bench.ts';
import { builtPlugin, bundleVariants } from './built-plugin.ts';
import { describeMachine, describeNoise, measureNoise } from './machine.ts';
import { measurements } from './measurements/all.ts';
import { growthPlot } from './growth-plot.ts';
import { MeterProcess } from './meter-process.ts';
import { checkOutputFile } from './output-file.ts';
import { parseOptions, usage, type BenchOptions } from './options.ts';
import { figuresAsJson, tableRows } from './report.ts';
import { Results } from './results.ts';
import { SiteMaker } from './site.ts';
import { growthPanels } from './measurements/growth.ts';
import { formatTable } from './table.ts';
import { peerVariant, type Variant } from './variant.ts';

const names = measurements.map(({ name }) => name);

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let options: BenchOptions;
  let variants: Variant[];
  try {
    options = parseOptions(args, names);
    checkOutputFile('--json', options.json);
    checkOutputFile('--svg', options.svg);
    variants = variantsOf(options);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\nSee npm run bench -- --help.`);
    return 2;
  }
  if (options.help) {
    console.log(usage(names));
    return 0;
  }
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      stop.abort();
    });
  }
  try {
    return await measure(options, variants, stop.signal);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    console.error('interrupted');
    return 130;
  }
}

/** @throws Error when the bundle is not there. */
function variantsOf({ plugin, peers }: BenchOptions): Variant[] {
  const bundle = resolve(plugin ?? builtPlugin('simple-plugin'));
  if (!existsSync(bundle)) throw new Error(`there is no ${bundle}: npm run build makes it`);
  return [...bundleVariants(bundle), ...peers.map((peer) => peerVariant(peer))];
}

async function measure(options: BenchOptions, variants: readonly Variant[], signal: AbortSignal): Promise<number> {
  const chosen = measurements.filter(({ name }) => options.only.length === 0 || options.only.includes(name));
  const results = new Results();
  await using sites = await SiteMaker.create();
  using meter = new MeterProcess();
  const progress = (text: string): void => {
    console.error(text);
  };
  progress('noise of the machine');
  const noise = measureNoise();
  const bench: Bench = { variants, runs: options.runs, isQuick: options.quick, meter, sites, results, progress };
  for (const measurement of chosen) await measurement.run(bench, signal);
  print(options, chosen, variants, results, [describeMachine(), describeNoise(noise)]);
  if (options.json !== undefined) await writeFile(options.json, figuresAsJson(metricsOf(chosen), variants, results));
  if (options.svg !== undefined)
    await writeFile(options.svg, growthPlot(growthPanels, variants, results, describeMachine()));
  for (const failure of results.failures) console.error(failure);
  return results.failures.length === 0 ? 0 : 1;
}

function print(
  { quick, runs }: BenchOptions,
  chosen: readonly Measurement[],
  variants: readonly Variant[],
  results: Results,
  machine: readonly string[],
): void {
  const scope = `${quick ? 'QUICK, to see whether it works: ' : ''}median [least–most] of ${runs} runs`;
  const peers = variants.some(({ isOwn }) => !isOwn) ? '; ×: what image takes of what this peer takes' : '';
  console.log(
    [...formatTable(tableRows(metricsOf(chosen), variants, results)), '', scope + peers, ...machine].join('\n'),
  );
}

function metricsOf(chosen: readonly Measurement[]) {
  return chosen.flatMap(({ metrics }) => metrics);
}
