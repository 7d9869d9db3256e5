// SPDX-License-Identifier: Apache-2.0
import type { deviceplugin } from '@kube-device-plugins/core/kubelet-api';

/** A call between the kubelet and a plugin, as it was sent. Register comes from the plugin, the others go to it. */
export type KubeletCall =
  | Call<'Register', deviceplugin.RegisterRequest>
  | Call<'GetDevicePluginOptions', deviceplugin.Empty>
  | Call<'ListAndWatch', deviceplugin.Empty>
  | Call<'GetPreferredAllocation', deviceplugin.PreferredAllocationRequest>
  | Call<'Allocate', deviceplugin.AllocateRequest>
  | Call<'PreStartContainer', deviceplugin.PreStartContainerRequest>;

interface Call<Method extends string, Request> {
  readonly method: Method;
  readonly resource: string;
  readonly request: Request;
}
