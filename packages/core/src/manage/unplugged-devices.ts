// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import type { DeviceInfo, Devices } from '../device-tree.ts';
import { messageOf } from '../errors.ts';
import { log } from '../log/log.ts';
import type { DeviceUsers } from '../rpc/device-users.ts';
import { AlarmClock } from '../scan/alarm-clock.ts';

/** Devices by the full names of their resources. */
export type Resources = ReadonlyMap<string, Devices>;

/** Where {@link UnpluggedDevices} asks, and whom it tells. */
export interface UnpluggedDevicesDeps {
  /** The kubelet's socket of podresources. Without one there, a device that is gone is gone at once. */
  readonly socketPath: string;
  /** Is told of what was found and what is kept. */
  readonly onResources: (resources: Resources) => void;
  /** Default: asks the kubelet at `socketPath`. */
  readonly readUsers?: (socketPath: string, signal: AbortSignal) => Promise<DeviceUsers>;
}

/**
 * Keeps a device that was unplugged in the list, as an unhealthy one, until no pod has it: the kubelet hears that it failed, and says so in
 * the status of the pod. Of a device that is in no list it says nothing, or that it is healthy.
 * Source: KEP-4680, and kubernetes, pkg/kubelet/cm/devicemanager, UpdateAllocatedResourcesStatus.
 */
export class UnpluggedDevices {
  readonly #deps: Required<UnpluggedDevicesDeps>;
  readonly #signal: AbortSignal;
  readonly #clock = new AlarmClock();
  #found: Resources = new Map();
  #told: Resources = new Map();
  #hasKubelet = false;
  #isAsking = false;
  #problem: string | undefined;

  constructor(deps: UnpluggedDevicesDeps, signal: AbortSignal) {
    this.#deps = { readUsers: askKubelet, ...deps };
    this.#signal = signal;
    signal.addEventListener('abort', () => {
      this.#clock.ring();
    });
  }

  /** Takes what a scan has found, which does not change any more. */
  update(found: Resources): void {
    this.#found = found;
    // Once it was there, it is gone only while the kubelet restarts.
    this.#hasKubelet ||= existsSync(this.#deps.socketPath);
    const { all, isMore } = this.#hasKubelet ? withUnplugged(this.#told, found) : { all: found, isMore: false };
    this.#tell(all);
    if (isMore) this.#ask();
  }

  #tell(resources: Resources): void {
    this.#told = resources;
    this.#deps.onResources(resources);
  }

  #ask(): void {
    this.#clock.ring();
    if (!this.#isAsking) void this.#askUntilFree();
  }

  async #askUntilFree(): Promise<void> {
    this.#isAsking = true;
    while (this.#told !== this.#found && !this.#signal.aborted) {
      await this.#clock.next(askEveryMs);
      const asked = this.#told;
      const users = await this.#readUsers();
      if (users !== undefined) this.#tell(withoutFree(this.#told, { found: this.#found, asked, users }));
    }
    this.#isAsking = false;
  }

  async #readUsers(): Promise<DeviceUsers | undefined> {
    try {
      const users = await this.#deps.readUsers(this.#deps.socketPath, this.#signal);
      this.#problem = undefined;
      return this.#signal.aborted ? undefined : users;
    } catch (error) {
      if (this.#signal.aborted || messageOf(error) === this.#problem) return undefined;
      this.#problem = messageOf(error);
      log.warn('the kubelet does not say who has devices that are gone, so they stay in the list', { error });
      return undefined;
    }
  }
}

/** What was found, and what was told before and is gone: `found` itself when nothing is. `isMore`: more is gone than before. */
export function withUnplugged(
  told: Resources,
  found: Resources,
): { readonly all: Resources; readonly isMore: boolean } {
  let all = found;
  let isMore = false;
  for (const [resource, devices] of told) {
    const here = found.get(resource);
    if (here === devices) continue;
    const gone = [...devices].filter(([id]) => here?.has(id) !== true);
    if (gone.length === 0) continue;
    const kept = gone.map(([id, info]) => [id, unplugged(info)] as const);
    all = new Map(all).set(resource, new Map([...(here ?? []), ...kept]));
    isMore ||= gone.some(([, { healthReason }]) => healthReason !== unpluggedReason);
  }
  return { all, isMore };
}

/** What the kubelet's answer is held against. */
interface Answer {
  readonly found: Resources;
  /** What had been told when it was asked: it knows nothing of what went later. */
  readonly asked: Resources;
  readonly users: DeviceUsers;
}

/** What was told, less the devices that are gone and that nobody has; `found` itself when no others are left. */
export function withoutFree(told: Resources, { found, asked, users }: Answer): Resources {
  let all = found;
  for (const [resource, devices] of told) {
    const here = found.get(resource);
    if (here === devices) continue;
    const isKept = ([id, info]: readonly [string, DeviceInfo]): boolean =>
      here?.has(id) !== true && (users.get(resource)?.has(id) === true || asked.get(resource)?.get(id) !== info);
    const kept = [...devices].filter(isKept);
    if (kept.length > 0) all = new Map(all).set(resource, new Map([...(here ?? []), ...kept]));
  }
  return all;
}

function unplugged(info: DeviceInfo): DeviceInfo {
  if (info.healthReason === unpluggedReason) return info;
  return { ...info, health: 'Unhealthy', healthReason: unpluggedReason };
}

const unpluggedReason = 'it is no longer there; it stays in the list until no pod has it';

/** A pod that ends is noticed as soon as a device that changes where no events come. */
const askEveryMs = 5_000;

/** Loaded when it is needed: most nodes never lose a device. */
async function askKubelet(socketPath: string, signal: AbortSignal): Promise<DeviceUsers> {
  const { readDeviceUsers } = await import('../rpc/device-users.ts');
  return await readDeviceUsers(socketPath, signal);
}
