// SPDX-License-Identifier: Apache-2.0
import type { CdiDevice, CdiMount, DeviceInfo, DeviceSpec, Mount } from '@kube-device-plugins/core';
import type { ByPathMode } from '../options.ts';
import type { GpuCard } from '../sysfs/gpu-card.ts';

/** Health as a judge of readings says it. */
export type CardHealth = Pick<DeviceInfo, 'health' | 'healthReason'>;

/** What the content of a card depends on beside the card. */
export interface CardSurroundings {
  readonly byPath: ByPathMode;
  /** Whether there is a directory to mount with `all`. */
  readonly hasByPath: boolean;
  /** Where a path of the host lies, see `-prefix`. */
  readonly onHost: (path: string) => string;
}

/** What a container gets with a card: its nodes, links to them, and the same as a CDI device of this name. */
export function cardDevice(card: GpuCard, cdiName: string, surroundings: CardSurroundings): Omit<DeviceInfo, 'health'> {
  const nodes = card.nodes.map((node) => readWrite(surroundings.onHost(node)));
  const mounts = byPathMounts(card, surroundings);
  return {
    nodes,
    ...(mounts.length === 0 ? {} : { mounts }),
    ...(card.topology === undefined ? {} : { topology: card.topology }),
    cdiDevices: [cdiDevice(cdiName, nodes, mounts)],
  };
}

/** A node with the same path in the container. */
export function readWrite(path: string): DeviceSpec {
  return { hostPath: path, containerPath: path, permissions: 'rw' };
}

/** The mounts of /dev/dri/by-path that go with a card. */
export function byPathMounts(
  { byPathLinks }: Pick<GpuCard, 'byPathLinks'>,
  { byPath, hasByPath, onHost }: CardSurroundings,
): Mount[] {
  if (byPath === 'none' || (byPath === 'all' && !hasByPath)) return [];
  const paths = byPath === 'all' ? ['/dev/dri/by-path'] : byPathLinks;
  return paths.map((path) => ({ hostPath: onHost(path), containerPath: onHost(path), readOnly: true }));
}

/** Kind and content as upstream has them (cmd/gpu_plugin/gpu_plugin.go, createCDISpecFromDevices). */
function cdiDevice(name: string, nodes: readonly DeviceSpec[], mounts: readonly Mount[]): CdiDevice {
  return {
    kind: 'intel.cdi.k8s.io/gpu',
    name,
    containerEdits: {
      deviceNodes: nodes.map(({ containerPath, hostPath, permissions }) => ({
        path: containerPath,
        hostPath,
        permissions,
      })),
      ...(mounts.length === 0 ? {} : { mounts: mounts.map(cdiMount) }),
    },
  };
}

function cdiMount({ hostPath, containerPath }: Mount): CdiMount {
  return { hostPath, containerPath, type: 'none', options: ['bind', 'ro'] };
}
