// SPDX-License-Identifier: Apache-2.0
import type { deviceplugin } from '@kube-device-plugins/core/kubelet-api';
import type { PluginCallError } from './grpc/plugin-call-error.ts';

/** 'graceful': kubelet.sock is removed. 'crash': it stays and refuses connections until the next start cleans up. */
export type StopKind = 'graceful' | 'crash';

/**
 * How a kubelet restarts.
 * - 'graceful': kubelet.sock is removed, and made anew after `downMs`.
 * - 'crash': kubelet.sock refuses connections for `downMs`, and is replaced then.
 * - 'wipe-dir': the directory is removed with all that is in it, the checkpoint included, and made anew after `downMs`.
 * - 'same-inode': kubelet.sock is deleted and created with the same inode number, as file systems may.
 * - 'fast': between the deletion and the creation of kubelet.sock nothing else happens in this process.
 * - 'kubelet-sock-first': kubelet.sock is replaced, and the plugins' sockets are deleted `downMs` later. No kubelet does that: plugins
 *   that rely on the order of events are found out by it.
 * - 'twice-in-a-row': two graceful ones, `gapMs` apart.
 */
export type RestartKind = StopKind | 'wipe-dir' | 'same-inode' | 'fast' | 'kubelet-sock-first' | 'twice-in-a-row';

/** Something that has just happened; what the kubelet shows has changed already. */
export type KubeletEvent =
  | { readonly type: 'started' }
  | { readonly type: 'stopped'; readonly kind: StopKind }
  | { readonly type: 'restarted'; readonly kind: RestartKind }
  | (OfEndpoint & { readonly type: 'registered'; readonly options: deviceplugin.DevicePluginOptions })
  | (OfEndpoint & { readonly type: 'registrationFailed'; readonly message: string })
  | (OfEndpoint & { readonly type: 'listed'; readonly devices: readonly deviceplugin.Device[] })
  | (OfEndpoint & { readonly type: 'streamEnded'; readonly error: PluginCallError | undefined })
  /** The plugin watcher saw the socket of the plugin disappear, or be replaced. */
  | (OfEndpoint & { readonly type: 'deregistered' })
  /** Five minutes after its plugin was lost the kubelet does not know the resource any more. */
  | { readonly type: 'forgotten'; readonly resource: string }
  | (OfContainer & { readonly type: 'allocated'; readonly resource: string; readonly ids: readonly string[] })
  | (OfContainer & { readonly type: 'containerStarted' })
  | { readonly type: 'rejected'; readonly pod: string; readonly message: string }
  | { readonly type: 'podDeleted'; readonly pod: string }
  /** The status of the pod is written anew because a device changed its health. */
  | { readonly type: 'podHealthChanged'; readonly pod: string }
  /** A list was taken, but the checkpoint could not be written. */
  | { readonly type: 'checkpointFailed'; readonly message: string };

interface OfEndpoint {
  readonly resource: string;
  /** As the plugin registered it. */
  readonly endpoint: string;
}

interface OfContainer {
  readonly pod: string;
  readonly container: string;
}
