// SPDX-License-Identifier: Apache-2.0
import type { CutKind, RestartKind } from '@kube-device-plugins/testkit';
import type { SlotState } from '../subjects/subject.ts';

/** One thing that is done, with all that was chosen by chance; times in milliseconds. */
export type Action = PodAction | DeviceAction | Fault;

export type PodAction =
  /** Wants so many devices of the resource with this index. */
  | { readonly kind: 'admit'; readonly pod: string; readonly resource: number; readonly devices: number }
  | { readonly kind: 'start-container'; readonly pod: string }
  | { readonly kind: 'delete'; readonly pod: string };

export type DeviceAction =
  | { readonly kind: 'change'; readonly slot: number; readonly to: SlotState }
  /** There and back so many times. */
  | {
      readonly kind: 'flap';
      readonly slot: number;
      readonly to: SlotState;
      readonly times: number;
      readonly everyMs: number;
    };

/** What a plugin has to recover from. */
export type Fault =
  | { readonly kind: 'restart-kubelet'; readonly how: RestartKind; readonly downMs: number }
  | { readonly kind: 'cut-streams'; readonly how: CutKind }
  /** The kubelet stops reading its streams, until it restarts. */
  | { readonly kind: 'stall-kubelet'; readonly holdMs: number }
  /** A kubelet that has restarted answers Register with an error. */
  | { readonly kind: 'refuse-registration'; readonly holdMs: number }
  /** Others connect to the plugin's sockets; some read a list, the rest says nothing. */
  | { readonly kind: 'crowd'; readonly connections: number; readonly holdMs: number }
  | { readonly kind: 'remove-sockets' }
  | { readonly kind: 'kill-plugin'; readonly downMs: number }
  | { readonly kind: 'stop-plugin'; readonly downMs: number }
  | { readonly kind: 'freeze-plugin'; readonly holdMs: number }
  | { readonly kind: 'jump-clock'; readonly byMs: number }
  /** The process may open so many files more. */
  | { readonly kind: 'exhaust-files'; readonly spare: number; readonly holdMs: number }
  | { readonly kind: 'fill-cdi-disk'; readonly holdMs: number }
  | { readonly kind: 'break-scan'; readonly holdMs: number };

/** Under what name recoveries are counted: `restart-kubelet crash`. */
export function labelOf(action: Action): string {
  return 'how' in action ? `${action.kind} ${action.how}` : action.kind;
}

/** The action in words, for the log of a run: `admit pod=pod-3 resource=0 devices=2`. */
export function describeAction({ kind, ...rest }: Action): string {
  return [kind, ...Object.entries(rest).map(([name, value]) => `${name}=${value}`)].join(' ');
}
