// SPDX-License-Identifier: Apache-2.0
// A device plugin of four devices on node:http2, which shares no line with the meter: what it is told, it was told in HTTP/2.
import { connect as connectHttp2, createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { connect } from 'node:net';
import { join } from 'node:path';
import { deviceplugin as api } from '@kube-device-plugins/core/kubelet-api';

const directory = process.argv.find((arg) => arg.startsWith('-device-plugin-path='))?.split('=')[1] ?? '.';
const endpoint = 'tiny.sock';
const devices = ['a', 'b', 'c', 'd'].map((ID) => ({ ID, health: 'Healthy', topology: undefined }));

const answers: Record<string, (request: Buffer) => Uint8Array | undefined> = {
  GetDevicePluginOptions: () =>
    api.DevicePluginOptions.encode({ preStartRequired: false, getPreferredAllocationAvailable: false }).finish(),
  ListAndWatch: () => api.ListAndWatchResponse.encode({ devices }).finish(),
  Allocate: (request) => {
    const ids = api.AllocateRequest.decode(request).containerRequests.flatMap(({ devicesIds }) => devicesIds);
    if (!ids.every((id) => devices.some(({ ID }) => ID === id))) return undefined;
    const containerResponses = [
      { envs: { IDS: ids.join() }, annotations: {}, mounts: [], devices: [], cdiDevices: [] },
    ];
    return api.AllocateResponse.encode({ containerResponses }).finish();
  },
};

const server = createServer();
server.on('stream', (stream, headers) => {
  const method = String(headers[':path']).replace('/v1beta1.DevicePlugin/', '');
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('end', () => {
    reply(stream, method, Buffer.concat(chunks).subarray(5));
  });
});
server.listen(join(directory, endpoint), () => {
  const session = connectHttp2('http://localhost', {
    createConnection: () => connect(join(directory, 'kubelet.sock')),
  });
  const request = { version: 'v1beta1', endpoint, resourceName: 'example.com/tiny', options: undefined };
  const stream = session.request({ ':method': 'POST', ':path': '/v1beta1.Registration/Register', te: 'trailers' });
  stream.on('trailers', (trailers: IncomingHttpHeaders) => {
    if (trailers['grpc-status'] !== '0') throw new Error('the registration was refused');
  });
  stream.resume().end(prefixed(api.RegisterRequest.encode(request).finish()));
});

function reply(stream: ServerHttp2Stream, method: string, request: Buffer): void {
  const answer = answers[method]?.(request);
  const head = { ':status': 200, 'content-type': 'application/grpc' };
  if (answer === undefined) {
    stream.respond({ ...head, 'grpc-status': '5' }, { endStream: true });
    return;
  }
  stream.respond(head, { waitForTrailers: true });
  stream.on('wantTrailers', () => {
    stream.sendTrailers({ 'grpc-status': '0' });
  });
  if (method === 'ListAndWatch') stream.write(prefixed(answer));
  else stream.end(prefixed(answer));
}

function prefixed(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}
