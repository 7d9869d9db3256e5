// SPDX-License-Identifier: Apache-2.0

/** Something that was seen, and that invariants are checked with. Times are milliseconds since the run began. */
export type Moment =
  /** A pod has these devices from now on. */
  | {
      readonly type: 'given';
      readonly pod: string;
      readonly devices: readonly string[];
      /** Device nodes of the host, and CDI devices. */
      readonly nodes: readonly string[];
    }
  | { readonly type: 'freed'; readonly pod: string }
  /** The plugin was asked for a device; `badForMs` as in Truth. */
  | { readonly type: 'allocated'; readonly device: string; readonly badForMs: number }
  /** What a kubelet that has not heard yet would ask for, and whether it got it. */
  | { readonly type: 'bad-device-asked'; readonly device: string; readonly isGiven: boolean }
  /** The world is quiet: what the kubelet shows is not what there is. Nothing, when it is. */
  | { readonly type: 'quiet'; readonly differences: readonly string[]; readonly afterMs: number }
  /** A pod that ought to get a device that is free. */
  | { readonly type: 'pod-tried'; readonly refusal: string | undefined }
  | ({ readonly type: 'measured' } & Measured)
  | { readonly type: 'idled'; readonly cpuShare: number }
  | { readonly type: 'logged'; readonly line: string; readonly atMs: number }
  | {
      readonly type: 'exited';
      readonly wasAsked: boolean;
      readonly how: string;
      readonly tookMs: number;
      readonly leftSockets: readonly string[];
    }
  | { readonly type: 'acted'; readonly action: string; readonly tookMs: number };

/** The process of the plugin, after it has collected its garbage. */
export interface Measured {
  /** Number of the process: counts from 1. */
  readonly life: number;
  readonly atMs: number;
  readonly openFiles: number;
  /** What keeps the event loop busy: timers, sockets, watches. */
  readonly handles: number;
  readonly heapMiB: number;
  readonly rssMiB: number;
  /** Sockets in the kubelet's directory, but kubelet.sock. */
  readonly sockets: readonly string[];
  /** As many as there may be. */
  readonly socketsAllowed: number;
}

/** Nothing: this invariant has nothing to say of the moment. */
export type Verdict = 'kept' | Breach | undefined;

export interface Breach {
  readonly expected: string;
  readonly seen: string;
}

/** Something that holds, whatever happens. */
export interface Invariant {
  readonly name: string;
  /** In a line, for the table. */
  readonly promise: string;
  readonly check: (moment: Moment) => Verdict;
}

/** Names the moments that concern an invariant, and judges those alone. */
export function onMoment<Type extends Moment['type']>(
  type: Type,
  judge: (moment: Extract<Moment, { readonly type: Type }>) => Verdict,
): (moment: Moment) => Verdict {
  return (moment) => (moment.type === type ? judge(moment as Extract<Moment, { readonly type: Type }>) : undefined);
}
