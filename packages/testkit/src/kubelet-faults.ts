// SPDX-License-Identifier: Apache-2.0
import type { deviceplugin } from '@kube-device-plugins/core/kubelet-api';

/**
 * What the kubelet does with a Register call that is valid.
 * - `'ok'`: calls the plugin back and answers.
 * - `{ reject }`: answers with this error, and does not call back.
 * - `'hang'`: never answers, and does not call back.
 * - `{ slowMs }`: waits so long before it calls back.
 * - `'close'`: cuts the connection of the caller.
 * - `'answer-before-dial'`: answers first and calls back in the background, as the first kubelets did.
 */
export type RegisterFault =
  'ok' | 'hang' | 'close' | 'answer-before-dial' | { readonly reject: string } | { readonly slowMs: number };

/** What becomes of GetDevicePluginOptions: the kubelet asks, and then fails with this text, or never gets an answer. */
export type OptionsFault = 'ok' | 'hang' | { readonly error: string };

/**
 * What the kubelet does with the one stream of a registration.
 * - `'skip'`: never opens it.
 * - `{ delayMs }`: opens it so long after Register.
 * - `{ cancelAfter }`: cancels it after so many lists (RST_STREAM).
 * - `{ resetAfter }`: cuts the connection after so many lists, without RST_STREAM.
 * - `{ stallAfter }`: stops reading the connection after so many lists, and leaves it open: nothing more gets through to the kubelet.
 */
export type ListAndWatchFault =
  | 'ok'
  | 'skip'
  | { readonly delayMs: number }
  | { readonly cancelAfter: number }
  | { readonly resetAfter: number }
  | { readonly stallAfter: number };

/** How the kubelet misbehaves; what is left out is in order. */
export interface KubeletFaults {
  readonly register?: RegisterFault;
  readonly options?: OptionsFault;
  readonly listAndWatch?: ListAndWatchFault;
}

/** The same for every registration, or decided for each: `attempt` counts those of the resource from 1. */
export type FaultPlan = KubeletFaults | ((request: deviceplugin.RegisterRequest, attempt: number) => KubeletFaults);

/** What the plan says for this registration. */
export function faultsFor(
  plan: FaultPlan,
  request: deviceplugin.RegisterRequest,
  attempt: number,
): Required<KubeletFaults> {
  const {
    register = 'ok',
    options = 'ok',
    listAndWatch = 'ok',
  } = typeof plan === 'function' ? plan(request, attempt) : plan;
  return { register, options, listAndWatch };
}
