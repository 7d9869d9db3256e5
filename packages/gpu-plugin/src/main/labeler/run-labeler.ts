// SPDX-License-Identifier: Apache-2.0
import { log, type Host } from '@kube-device-plugins/core';
import { LabelFile } from '../labels/label-file.ts';
import { labelRounds } from '../labels/label-rounds.ts';
import { gpuLabels } from './gpu-labels.ts';
import type { LabelSettings } from './label-settings.ts';
import type { MemorySource } from './labeled-gpu.ts';
import { readLabeledGpus } from './read-labeled-gpus.ts';

/** What labels are made of. */
export interface Labeler {
  readonly host: Host;
  readonly settings: LabelSettings;
  readonly memory: MemorySource | undefined;
}

/** Keeps the file right until `signal` aborts, and removes it then. A GPU that comes or goes is seen at once by its device node. */
export async function runLabeler(labeler: Labeler, path: string, everyMs: number, signal: AbortSignal): Promise<void> {
  const watch = [labeler.host.path('/dev/dri')];
  const round = labelReader(labeler, signal);
  await labelRounds(new LabelFile(path), { everyMs, watch }, signal, round);
}

/** A function that reads the labels of the moment. A card that is left out is logged, once for each reason. */
export function labelReader(
  { host, settings, memory }: Labeler,
  signal: AbortSignal,
): () => Promise<ReadonlyMap<string, string>> {
  let reported: ReadonlyMap<string, string> = new Map();
  return async () => {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(memoryTimeoutMs)]);
    const { gpus, leftOut } = await readLabeledGpus(host, settings, memory, patience);
    signal.throwIfAborted();
    for (const [card, reason] of leftOut) {
      if (reported.get(card) !== reason) log.warn('card left out of the labels', { card, reason });
    }
    reported = leftOut;
    return gpuLabels(gpus, settings.pciGroupingLevel);
  };
}

/** For all cards together: a service that hangs does not hold up the labels. */
const memoryTimeoutMs = 5_000;
