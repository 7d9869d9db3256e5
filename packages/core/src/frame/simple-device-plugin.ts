// SPDX-License-Identifier: Apache-2.0
import { aborted } from '../serve/abortable.ts';
import { build, type DevicePluginImpl, type RunnableDevicePlugin } from './device-plugin-frame.ts';
import { encodeFrameDevices, type FrameDevice } from './frame-devices.ts';

/**
 * The smallest plugin there is: a name and a function that tells the devices. Containers get the devices counted, and nothing put into them.
 *
 * @param getDevices - called at each start of the server: at first, after SIGHUP, after a restart of the kubelet.
 * @example
 * await buildSimpleDevicePlugin('example.com/seat', 'seat.sock', () => [{ ID: 'seat-1', health: 'Healthy' }]).run(signal);
 */
export function buildSimpleDevicePlugin(
  resourceName: string,
  socketName: string,
  getDevices: () => readonly FrameDevice[] | Promise<readonly FrameDevice[]>,
  options: { readonly devicePluginPath?: string } = {},
): RunnableDevicePlugin {
  return build(resourceName, socketName, new FixedDevices(resourceName, getDevices), options);
}

class FixedDevices implements DevicePluginImpl {
  readonly #resourceName: string;
  readonly #getDevices: () => readonly FrameDevice[] | Promise<readonly FrameDevice[]>;
  #devices: readonly FrameDevice[] = [];

  constructor(resourceName: string, getDevices: () => readonly FrameDevice[] | Promise<readonly FrameDevice[]>) {
    this.#resourceName = resourceName;
    this.#getDevices = getDevices;
  }

  async refresh(): Promise<void> {
    const devices = await this.#getDevices();
    // Throws before anything is registered, where a kubelet would refuse the list.
    encodeFrameDevices(this.#resourceName, devices);
    this.#devices = devices;
  }

  listAndWatch: DevicePluginImpl['listAndWatch'] = async (stream) => {
    await stream.send(this.#devices);
    await aborted(stream.signal);
  };

  allocate: DevicePluginImpl['allocate'] = ({ containerRequests }) => ({
    containerResponses: containerRequests.map(() => ({
      envs: {},
      mounts: [],
      devices: [],
      annotations: {},
      cdiDevices: [],
    })),
  });

  destroy(): void {
    this.#devices = [];
  }
}
