// SPDX-License-Identifier: Apache-2.0
import type { Action } from '../plan/action.ts';
import { deviceActions } from './device-actions.ts';
import { kubeletFaults } from './kubelet-faults.ts';
import type { Performers, Stage } from './performer.ts';
import { pluginFaults } from './plugin-faults.ts';
import { podActions } from './pod-actions.ts';

const performers: Performers<Action> = { ...podActions, ...deviceActions, ...kubeletFaults, ...pluginFaults };

/** Does it; resolves when it is over, and with it what it broke for a while. */
export function perform(action: Action, stage: Stage): Promise<void> {
  // The compiler does not see that the performer of a kind takes the actions of that kind.
  const performer = performers[action.kind] as (action: Action, stage: Stage) => Promise<void>;
  return performer(action, stage);
}
