// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '@kube-device-plugins/core';
import { deviceApiVersion, type deviceplugin } from '@kube-device-plugins/core/kubelet-api';
import type { Caller } from './grpc/unary-server.ts';
import type { CallLog } from './kubelet-call.ts';
import type { KubeletEvent } from './kubelet-event.ts';
import { type FaultPlan, faultsFor, type KubeletFaults, type RegisterFault } from './kubelet-faults.ts';
import type { KubeletTraits } from './kubelet-profile.ts';
import type { PluginClients } from './plugin-clients.ts';
import { PluginEndpoint } from './plugin-endpoint.ts';
import { registrationProblem } from './registration-rules.ts';
import type { ResourceTable } from './resource-table.ts';

/** What registration goes by. */
export interface RegistrarSettings {
  /** The device plugin directory. */
  readonly dir: string;
  readonly clients: PluginClients;
  readonly resources: ResourceTable;
  readonly traits: KubeletTraits;
  readonly dialTimeoutMs: number;
  readonly maxMessageBytes: number | undefined;
  readonly windowBytes: number | undefined;
  readonly calls: CallLog;
  readonly faults: () => FaultPlan;
  readonly beforeRegister: ((request: deviceplugin.RegisterRequest) => Promise<void>) | undefined;
  readonly emit: (event: KubeletEvent) => void;
}

/** Takes plugins in, whichever way they come. Upstream: pkg/kubelet/cm/devicemanager/plugin/v1beta1/server.go and handler.go. */
export class PluginRegistrar {
  readonly #settings: RegistrarSettings;

  constructor(settings: RegistrarSettings) {
    this.#settings = settings;
  }

  /** The Register call. Rejects in the kubelet's words. */
  async register(request: deviceplugin.RegisterRequest, caller: Caller): Promise<void> {
    const { dir, resources, calls, faults: plan, beforeRegister, emit } = this.#settings;
    const { resourceName: resource, endpoint } = request;
    calls.record({ method: 'Register', resource, request });
    resources.countRegistration(resource);
    const report = (error: unknown): void => {
      emit({ type: 'registrationFailed', resource, endpoint, message: messageOf(error) });
    };
    try {
      const problem = registrationProblem(request);
      if (problem !== undefined) throw new Error(problem);
      const faults = faultsFor(plan(), request, resources.registrations(resource));
      await beforeRegister?.(request);
      await holdUp(faults.register, caller);
      const connected = this.#connect(resource, endpoint, join(dir, endpoint), faults);
      if (faults.register === 'answer-before-dial') connected.catch(report);
      else await connected;
    } catch (error) {
      report(error);
      throw error;
    }
  }

  /** A plugin that the plugin watcher found; its endpoint is the path of its socket. Rejects in the kubelet's words. */
  async registerFound(resource: string, socketPath: string): Promise<void> {
    const { resources, faults: plan, emit } = this.#settings;
    const request = { version: deviceApiVersion, endpoint: socketPath, resourceName: resource, options: undefined };
    try {
      const faults = faultsFor(plan(), request, resources.registrations(resource));
      await this.#connect(resource, socketPath, socketPath, faults);
    } catch (error) {
      emit({ type: 'registrationFailed', resource, endpoint: socketPath, message: messageOf(error) });
      throw error;
    }
  }

  async #connect(
    resource: string,
    endpoint: string,
    socketPath: string,
    faults: Required<KubeletFaults>,
  ): Promise<void> {
    const { clients, traits, dialTimeoutMs, maxMessageBytes, windowBytes, calls } = this.#settings;
    const plugin = new PluginEndpoint({
      resource,
      endpoint,
      socketPath,
      faults,
      maxMessageBytes,
      windowBytes,
      authority: traits.authority === 'localhost' ? 'localhost' : socketPath,
      onCall: (call) => calls.record(call),
    });
    await clients.connect(plugin, dialTimeoutMs);
    // The answer to Register goes out first.
    setImmediate(() => void clients.watch(plugin));
  }
}

/** Returns when the call is to go on; rejects when it is not. */
async function holdUp(fault: RegisterFault, caller: Caller): Promise<void> {
  if (fault === 'ok' || fault === 'answer-before-dial') return;
  if (typeof fault === 'object' && 'reject' in fault) throw new Error(fault.reject);
  if (fault === 'close') caller.disconnect();
  const { signal } = caller;
  const waitMs = typeof fault === 'object' ? fault.slowMs : longestMs;
  await delay(waitMs, undefined, { signal, ref: false }).catch(() => undefined);
  if (signal.aborted) throw new Error('the plugin has given up');
}

/** Of a timer in Node.js: 25 days, for ever as far as a plugin is concerned. */
const longestMs = 2 ** 31 - 1;
