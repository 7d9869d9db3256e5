// SPDX-License-Identifier: Apache-2.0
import type { DevicePlugin } from '../device-plugin.ts';
import { DevicePluginError } from '../errors.ts';
import { deviceApiVersion } from '../kubelet-api/constants.ts';
import { RegisterRequest } from '../kubelet-api/deviceplugin.ts';
import { callUnary } from '../rpc/call-unary.ts';
import { pluginOptions } from './service.ts';

/** Above the 10 s in which the kubelet calls the plugin back before it answers (pkg/kubelet/cm/devicemanager/plugin/v1beta1/client.go). */
export const registerTimeoutMs = 15_000;

/**
 * Tells the kubelet of a resource. It calls back on the socket before it answers, so the socket has to be served already.
 *
 * @param endpoint - file name of the plugin's socket.
 * @throws DevicePluginError `KUBELET_CALL`
 */
export async function register(
  kubeletSocket: string,
  resourceName: string,
  endpoint: string,
  plugin: DevicePlugin,
  signal: AbortSignal,
): Promise<void> {
  const request = RegisterRequest.encode({
    version: deviceApiVersion,
    endpoint,
    resourceName,
    options: pluginOptions(plugin),
  });
  const call = {
    socketPath: kubeletSocket,
    method: '/v1beta1.Registration/Register',
    request: request.finish(),
    timeoutMs: registerTimeoutMs,
    maxMessageBytes: maxAnswerBytes,
  };
  try {
    await callUnary(call, signal);
  } catch (error) {
    if (!(error instanceof DevicePluginError)) throw error;
    throw new DevicePluginError('KUBELET_CALL', error.message, { cause: error.cause });
  }
}

/** Answers of the kubelet are empty messages. */
const maxAnswerBytes = 64 * 1024;
