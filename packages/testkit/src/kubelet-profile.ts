// SPDX-License-Identifier: Apache-2.0

/** Releases of Kubernetes whose kubelets behave differently towards plugins. */
export const kubeletProfiles = [
  '1.25',
  '1.26',
  '1.27',
  '1.28',
  '1.29',
  '1.30',
  '1.31',
  '1.32',
  '1.33',
  '1.34',
  '1.35',
  '1.36',
  '1.37',
] as const;

export type KubeletProfile = (typeof kubeletProfiles)[number];

/** What differs between releases. */
export interface KubeletTraits {
  /** The `:authority` of calls to plugins. Before 1.26 the path of the socket, which nghttp2 refuses (kubernetes#112597). */
  readonly authority: 'socket path' | 'localhost';
  /**
   * How the client of a stream that ended is found. By name, the end of an old stream disconnects the plugin that registered since;
   * since 1.37 by name and socket path (kubernetes#135437).
   */
  readonly clientKey: 'name' | 'name and socket';
  /** Whether CDI devices reach the container runtime: gate DevicePluginCDIDevices, on by default since 1.29. */
  readonly takesCdiDevices: boolean;
  /** Whether pod status shows the health of devices: gate ResourceHealthStatus, since 1.31, on by default since 1.36 (KEP-4680). */
  readonly podHealth: 'unknown' | 'off' | 'on';
  /** Whether any instance of a container counts as running after a restart, or only the one that is found first (kubernetes#135485). */
  readonly findsAnyInstance: boolean;
  /** Whether podresources lists pods that are over (the same change). */
  readonly listsFailedPods: boolean;
  /** Whether podresources answers Get: gate KubeletPodResourcesGet, since 1.27, on by default since 1.34. */
  readonly podResourcesGet: 'unknown' | 'off' | 'on';
}

/** What is special about the kubelets of a release; gates are at their defaults, unless ResourceHealthStatus is given and there is one. */
export function traitsOf(profile: KubeletProfile, resourceHealthStatus?: boolean): KubeletTraits {
  const minor = Number(profile.slice('1.'.length));
  const podHealth = gate(minor, 31, 36);
  const isSet = podHealth !== 'unknown' && resourceHealthStatus !== undefined;
  return {
    authority: minor < 26 ? 'socket path' : 'localhost',
    clientKey: minor < 37 ? 'name' : 'name and socket',
    takesCdiDevices: minor >= 29,
    podHealth: isSet ? (resourceHealthStatus ? 'on' : 'off') : podHealth,
    findsAnyInstance: minor >= 34,
    listsFailedPods: minor < 34,
    podResourcesGet: gate(minor, 27, 34),
  };
}

function gate(minor: number, since: number, onSince: number): 'unknown' | 'off' | 'on' {
  if (minor < since) return 'unknown';
  return minor < onSince ? 'off' : 'on';
}
