// SPDX-License-Identifier: Apache-2.0
import { splitLabel } from '../labels/split-label.ts';
import { metricType, samplesOf, type Sample } from './prometheus-text.ts';

/** Which links count. */
export interface LinkOptions {
  /** Lanes that a link has at least. */
  readonly minLanes: number;
  /** Also links of GPUs of one tile, which have no subdevices. */
  readonly allowSubdeviceless: boolean;
}

/**
 * The links between tiles that metrics of XPU Manager tell of: `0.0-1.0_0.1-1.1`, device and subdevice, the lower device first,
 * each once, in the order in which they come.
 *
 * Upstream: cmd/xpumanager_sidecar, GetTopologyFromXPUMMetrics(), createLabels().
 */
export function tileLinks(metrics: string, options: LinkOptions): string {
  if (!['gauge', 'untyped'].includes(metricType(metrics, linkMetric))) return '';
  const links = samplesOf(metrics, linkMetric).flatMap((sample) => linkOf(sample, options) ?? []);
  return [...new Set(links)].join('_');
}

const linkMetric = 'xpum_topology_link';

/** The labels of links; the first one is there, and empty, when there are none. */
export function linkLabels(links: string, namespace: string): ReadonlyMap<string, string> {
  return new Map(splitLabel(`${namespace}/xe-links`, links));
}

/** Of the kinds of connection in the metric, the value 1 is an Xe link. */
const xeLink = 1;

function linkOf({ labels, value }: Sample, { minLanes, allowSubdeviceless }: LinkOptions): string | undefined {
  if (value !== xeLink) return undefined;
  if (!allowSubdeviceless && labels.get('local_on_subdevice') !== 'true') return undefined;
  const lanes = count(labels.get('lane_count')) ?? count(labels.get('lan_count'));
  const local = tileOf(labels, 'local');
  const remote = tileOf(labels, 'remote');
  if (lanes === undefined || lanes < minLanes || local === undefined || remote === undefined) return undefined;
  const [first, second] = local.device < remote.device ? [local, remote] : [remote, local];
  return `${first.device}.${first.subdevice}-${second.device}.${second.subdevice}`;
}

interface Tile {
  readonly device: number;
  readonly subdevice: number;
}

function tileOf(labels: Sample['labels'], end: 'local' | 'remote'): Tile | undefined {
  const device = count(labels.get(`${end}_device_id`));
  const subdevice = count(labels.get(`${end}_subdevice_id`));
  return device === undefined || subdevice === undefined ? undefined : { device, subdevice };
}

function count(text = ''): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
