// SPDX-License-Identifier: Apache-2.0
import type { RestartKind } from '@kube-device-plugins/testkit';
import type { AllocateFigures } from './allocate-load.ts';
import type { Awaited } from './event-log.ts';
import type { ResourceFigures } from './listed-resources.ts';
import type { StreamFigures } from './stream-set.ts';

/** What the meter's process does on request; `directory` names one of its kubelets. All moments are of {@link clockMs}. */
export interface MeterApi {
  readonly open: (directory: string) => Promise<void>;
  /** The same with a kubelet that restarts in every way, and knows nothing but that and {@link first}. */
  readonly openRestarting: (directory: string) => Promise<void>;
  readonly close: (directory: string) => Promise<void>;
  /** The moment of the first event that is as awaited. */
  readonly first: (directory: string, awaited: Awaited, timeoutMs: number) => Promise<number>;
  /** Milliseconds until a new stream on the same connection has brought the list. */
  readonly relist: (directory: string) => Promise<number>;
  readonly allocate: (directory: string, calls: number, inFlight: number) => Promise<AllocateFigures>;
  /** Opens so many streams beside the kubelet's, and waits until each has a list with so many healthy devices. */
  readonly openStreams: (
    directory: string,
    count: number,
    healthy: number,
    timeoutMs: number,
  ) => Promise<StreamFigures>;
  /** Waits until each of these has such a list, and tells how long after `sinceMs` that was. */
  readonly toldStreams: (
    directory: string,
    healthy: number,
    sinceMs: number,
    timeoutMs: number,
  ) => Promise<StreamFigures>;
  /** Waits until so many resources have listed their devices. */
  readonly listedResources: (directory: string, count: number, timeoutMs: number) => Promise<ResourceFigures>;
  /** The moment from which on the kubelet listened again. */
  readonly restart: (directory: string, kind: RestartKind, awayMs: number) => Promise<number>;
}

export type MeterMethod = keyof MeterApi;

/** One call of the API, sent to the meter's process. */
export interface MeterRequest<M extends MeterMethod = MeterMethod> {
  readonly id: number;
  readonly method: M;
  readonly args: Parameters<MeterApi[M]>;
}

/** What it answers. */
export interface MeterAnswer {
  readonly id: number;
  readonly result?: unknown;
  /** Why there is no result. */
  readonly problem?: string;
}
