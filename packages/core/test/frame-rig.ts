// SPDX-License-Identifier: Apache-2.0
import { build, type DevicePluginImpl, type DeviceStream, type FrameDevice } from '../src/index.ts';
import { aborted } from '../src/serve/abortable.ts';
import { red, type Rig, Running, TreePlugin } from './rig.ts';

export const socketName = 'red.sock';

/** An implementation that writes down what it is called for. */
export class RecordingImpl implements DevicePluginImpl {
  readonly calls: string[] = [];
  readonly streams: DeviceStream[] = [];
  devices: readonly FrameDevice[] = [{ ID: 'a', health: 'Healthy' }];
  onListAndWatch: DevicePluginImpl['listAndWatch'] = async (stream) => {
    await stream.send(this.devices);
    await aborted(stream.signal);
  };

  async listAndWatch(stream: DeviceStream): Promise<void> {
    this.streams.push(stream);
    await this.onListAndWatch(stream);
  }

  allocate: DevicePluginImpl['allocate'] = ({ containerRequests }) => ({
    containerResponses: containerRequests.map(({ devicesIds }) => ({
      envs: { IDS: devicesIds.join() },
      mounts: [],
      devices: [],
      annotations: {},
      cdiDevices: [],
    })),
  });

  refresh(): void {
    this.calls.push('refresh');
  }

  async destroy(): Promise<void> {
    await Promise.resolve();
    this.calls.push('destroy');
  }
}

/** Runs until the end of the test. */
export function startFrame(rig: Rig, impl: DevicePluginImpl): Running {
  return rig.track(new Running(new TreePlugin(), build(red, socketName, impl, { devicePluginPath: rig.dir })));
}

export async function listed(rig: Rig, ids: readonly string[], registrations: number): Promise<void> {
  await rig.kubelet.waitFor({ resource: red, devices: ids, state: 'connected', registrations });
}

/** What a terminal that closes, or an administrator, sends. */
export function hangUp(): void {
  process.emit('SIGHUP', 'SIGHUP');
}
