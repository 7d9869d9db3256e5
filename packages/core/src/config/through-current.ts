// SPDX-License-Identifier: Apache-2.0
import { UseDefaultMethodError } from '../errors.ts';
import type { DevicePlugin } from '../device-plugin.ts';

/**
 * A plugin whose calls are answered by whichever is the current one. Which calls kubelets make was told to them at the registration, by the
 * capabilities of the first; where another one lacks them, its answer is that of no wish.
 */
export function throughCurrent(
  first: DevicePlugin,
  current: () => DevicePlugin,
  scan: DevicePlugin['scan'],
): DevicePlugin {
  return {
    scan,
    allocate: async (request) => {
      const answer = await current().allocate?.(request);
      if (answer === undefined) throw new UseDefaultMethodError();
      return answer;
    },
    postAllocate: async (response) => {
      await current().postAllocate?.(response);
    },
    ...(first.getPreferredAllocation !== undefined && {
      getPreferredAllocation: async (request) =>
        (await current().getPreferredAllocation?.(request)) ?? {
          containerResponses: request.containerRequests.map(() => ({ deviceIDs: [] })),
        },
    }),
    ...(first.preStartContainer !== undefined && {
      preStartContainer: async (request) => {
        await current().preStartContainer?.(request);
      },
    }),
  };
}

/** The calls that kubelets would make of one plugin and not of the other. */
export function changedCapabilities(first: DevicePlugin, next: DevicePlugin): readonly string[] {
  return (['getPreferredAllocation', 'preStartContainer'] as const).filter(
    (name) => (first[name] === undefined) !== (next[name] === undefined),
  );
}
