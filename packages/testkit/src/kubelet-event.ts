// SPDX-License-Identifier: Apache-2.0
import type { deviceplugin } from '@kube-device-plugins/core/kubelet-api';
import type { PluginCallError } from './device-plugin-client.ts';

/** 'graceful': kubelet.sock is removed. 'crash': it stays and refuses connections until the next start cleans up. */
export type StopKind = 'graceful' | 'crash';

/** Something that has just happened; what the kubelet shows has changed already. */
export type KubeletEvent =
  | { readonly type: 'started' }
  | { readonly type: 'stopped'; readonly kind: StopKind }
  | { readonly type: 'restarted'; readonly kind: StopKind }
  | (OfEndpoint & { readonly type: 'registered'; readonly options: deviceplugin.DevicePluginOptions })
  | (OfEndpoint & { readonly type: 'registrationFailed'; readonly message: string })
  | (OfEndpoint & { readonly type: 'listed'; readonly devices: readonly deviceplugin.Device[] })
  | (OfEndpoint & { readonly type: 'streamEnded'; readonly error: PluginCallError | undefined })
  | (OfContainer & { readonly type: 'allocated'; readonly resource: string; readonly ids: readonly string[] })
  | (OfContainer & { readonly type: 'containerStarted' })
  | { readonly type: 'rejected'; readonly pod: string; readonly message: string }
  | { readonly type: 'podDeleted'; readonly pod: string };

interface OfEndpoint {
  readonly resource: string;
  /** As the plugin registered it. */
  readonly endpoint: string;
}

interface OfContainer {
  readonly pod: string;
  readonly container: string;
}
