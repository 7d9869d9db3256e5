// SPDX-License-Identifier: Apache-2.0
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { ListPodResourcesResponse, PodResourcesListerService } from '../../src/kubelet-api/podresources.ts';
import { framed } from './grpc-server.ts';

/** The ids of the resource that pods have; none when the kubelet cannot be asked. */
export async function podDevices(socketPath: string, resource: string): Promise<string[]> {
  const session = connectHttp2('http://localhost', { createConnection: () => connect(socketPath) });
  session.on('error', () => undefined);
  try {
    const { path } = PodResourcesListerService.list;
    const headers = { ':method': 'POST', ':path': path, te: 'trailers', 'content-type': 'application/grpc' };
    const stream = session.request(headers);
    stream.end(framed(new Uint8Array()));
    const body = Buffer.concat((await stream.toArray()) as Buffer[]);
    const { podResources } = ListPodResourcesResponse.decode(body.subarray(5));
    const devices = podResources.flatMap(({ containers }) => containers.flatMap((container) => container.devices));
    return devices.filter(({ resourceName }) => resourceName === resource).flatMap(({ deviceIds }) => deviceIds);
  } catch {
    return [];
  } finally {
    session.destroy();
  }
}
