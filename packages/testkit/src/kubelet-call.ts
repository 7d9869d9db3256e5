// SPDX-License-Identifier: Apache-2.0
import type { deviceplugin, pluginregistration } from '@kube-device-plugins/core/kubelet-api';

/**
 * A call between the kubelet and a plugin, as it was sent. Register comes from the plugin, the others go to it.
 * The last two are those of the plugin watcher; GetInfo, which asks for the resource, has none.
 */
export type KubeletCall =
  | Call<'Register', deviceplugin.RegisterRequest>
  | Call<'GetDevicePluginOptions', deviceplugin.Empty>
  | Call<'ListAndWatch', deviceplugin.Empty>
  | Call<'GetPreferredAllocation', deviceplugin.PreferredAllocationRequest>
  | Call<'Allocate', deviceplugin.AllocateRequest>
  | Call<'PreStartContainer', deviceplugin.PreStartContainerRequest>
  | Call<'GetInfo', pluginregistration.InfoRequest>
  | Call<'NotifyRegistrationStatus', pluginregistration.RegistrationStatus>;

interface Call<Method extends string, Request> {
  readonly method: Method;
  readonly resource: string;
  readonly request: Request;
}

/** The last `limit` calls. */
export class CallLog {
  readonly #limit: number;
  readonly #calls: KubeletCall[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Oldest first. */
  get calls(): readonly KubeletCall[] {
    return this.#calls;
  }

  record(call: KubeletCall): void {
    this.#calls.push(call);
    if (this.#calls.length > this.#limit) this.#calls.shift();
  }
}
