// SPDX-License-Identifier: Apache-2.0
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { createServer as createHttp2Server, type Http2Server } from 'node:http2';
import { join } from 'node:path';
import { devicePluginType, pluginregistration } from '@kube-device-plugins/core/kubelet-api';
import { grpcServer, type Handler } from './grpc-server.ts';
import { PluginOptions } from './plugin-options.ts';

/** Serves the resource to the plugin watcher, and to whoever it tells, on one socket in its directory. */
export async function awaitWatcher(registry: string, resource: string, plugin: Http2Server): Promise<void> {
  const { getInfo, notifyRegistrationStatus } = pluginregistration.RegistrationService;
  const info = { type: devicePluginType, name: resource, endpoint: '', supportedVersions: ['v1beta1'] };
  const handlers = new Map<string, Handler>([
    [getInfo.path, () => Promise.resolve(pluginregistration.PluginInfo.encode(info).finish())],
    [notifyRegistrationStatus.path, () => Promise.resolve(new Uint8Array())],
  ]);
  const watcher = grpcServer(new PluginOptions(['--resource', resource]), handlers);
  // What is not for the watcher is for the plugin.
  const both = createHttp2Server().on('stream', (stream, headers, flags) => {
    (handlers.has(headers[':path'] ?? '') ? watcher : plugin).emit('stream', stream, headers, flags);
  });
  mkdirSync(registry, { recursive: true });
  await new Promise<void>((resolve) => {
    createServer((connection) => both.emit('connection', connection)).listen(
      join(registry, `${resource.replace('/', '-')}.sock`),
      resolve,
    );
  });
}
