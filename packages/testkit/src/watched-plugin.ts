// SPDX-License-Identifier: Apache-2.0
import { messageOf } from '@kube-device-plugins/core';
import { devicePluginType, maxMessageBytes, pluginregistration } from '@kube-device-plugins/core/kubelet-api';
import { dial } from './grpc/dial.ts';
import type { GrpcConnection } from './grpc/grpc-connection.ts';
import type { CallLog } from './kubelet-call.ts';
import { foundPluginProblem } from './registration-rules.ts';

/** What the watcher does with a socket. */
export interface WatchedPluginSettings {
  readonly dialTimeoutMs: number;
  readonly calls: CallLog;
  /** Connects to the device plugin at `endpoint`; rejects in the kubelet's words. */
  readonly connect: (resource: string, endpoint: string) => Promise<void>;
}

const methods = pluginregistration.RegistrationService;

// Upstream: pkg/kubelet/pluginmanager/operationexecutor/operation_generator.go.
const infoTimeoutMs = 1000;
const notifyTimeoutMs = 5000;

/**
 * Asks the plugin behind a registration socket who it is, takes it in, and tells it so, or why not. Resolves with what it is.
 * Rejects when it cannot be asked, or was not taken. Upstream: operation_generator.go, GenerateRegisterPluginFunc.
 */
export async function registerWatchedPlugin(
  socketPath: string,
  settings: WatchedPluginSettings,
  signal: AbortSignal,
): Promise<{ readonly resource: string; readonly endpoint: string }> {
  const { dialTimeoutMs, calls, connect } = settings;
  const connection = await dial(socketPath, { authority: 'localhost', maxMessageBytes }, dialTimeoutMs, signal);
  try {
    calls.record({ method: 'GetInfo', resource: '', request: {} });
    const info = await connection.unary(methods.getInfo, {}, infoTimeoutMs);
    const { name: resource } = info;
    const endpoint = info.endpoint === '' ? socketPath : info.endpoint;
    const notify = notifier(connection, resource, calls);
    await orTell(notify, () => {
      validate(info, socketPath);
    });
    await orTell(notify, async () => {
      try {
        await connect(resource, endpoint);
      } catch (error) {
        const message = `RegisterPlugin error -- plugin registration failed with err: ${messageOf(error)}`;
        throw new Error(message, { cause: error });
      }
    });
    await notify(true, '');
    return { resource, endpoint };
  } finally {
    connection.close();
  }
}

type Notify = (isRegistered: boolean, error: string) => Promise<void>;

function notifier(connection: GrpcConnection, resource: string, calls: CallLog): Notify {
  return async (pluginRegistered, error) => {
    const request = { pluginRegistered, error };
    calls.record({ method: 'NotifyRegistrationStatus', resource, request });
    await connection.unary(methods.notifyRegistrationStatus, request, notifyTimeoutMs);
  };
}

/** What goes wrong, the plugin hears as well. */
async function orTell(notify: Notify, step: () => void | Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    await notify(false, messageOf(error));
    throw error;
  }
}

/** @throws Error in the kubelet's words for a plugin of another kind, and one that is not in order. */
function validate({ type, name, supportedVersions }: pluginregistration.PluginInfo, socketPath: string): void {
  if (type !== devicePluginType) {
    throw new Error(`RegisterPlugin error -- no handler registered for plugin type: ${type} at socket ${socketPath}`);
  }
  const problem = foundPluginProblem(name, supportedVersions);
  if (problem !== undefined) throw new Error(`RegisterPlugin error -- plugin validation failed with err: ${problem}`);
}
