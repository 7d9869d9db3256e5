// SPDX-License-Identifier: Apache-2.0
import type { ServerUnaryCall, UntypedServiceImplementation } from '@grpc/grpc-js';
import type { CdiSpecFiles } from '../cdi/spec-files.ts';
import type { DevicePlugin } from '../device-plugin.ts';
import { DevicePluginError, UseDefaultMethodError } from '../errors.ts';
import {
  AllocateResponse,
  DevicePluginService,
  type AllocateRequest,
  type DevicePluginOptions,
  type Empty,
  type PreferredAllocationRequest,
  type PreferredAllocationResponse,
  type PreStartContainerRequest,
  type PreStartContainerResponse,
} from '../kubelet-api/deviceplugin.ts';
import { log } from '../log/log.ts';
import { cdiDevicesOf, defaultAllocate } from './default-allocate.ts';
import type { DeviceList } from './device-list.ts';
import type { ListCall } from './list-stream.ts';
import { toCallFailure, type CallFailure } from './status.ts';

const asEncoded = { responseSerialize: (encoded: Buffer): Buffer => encoded };

/**
 * The generated service, but messages that are encoded already are taken where a list serves many streams,
 * and where a plugin may have answered what cannot be sent.
 */
export const devicePluginService = {
  ...DevicePluginService,
  listAndWatch: { ...DevicePluginService.listAndWatch, ...asEncoded },
  allocate: { ...DevicePluginService.allocate, ...asEncoded },
};

/** What the five calls need. */
export interface ServiceParts {
  readonly resourceName: string;
  readonly plugin: DevicePlugin;
  readonly list: DeviceList;
  readonly cdi: CdiSpecFiles;
  /** Called when somebody asks for the options: kubelets do once for each registration, on the connection that they go on using. */
  readonly onOptionsAsked: (call: object) => void;
  readonly onStream: (call: ListCall) => void;
  readonly onAllocated: (result: 'ok' | 'error', durationMs: number) => void;
}

/** The five calls of a device plugin for one resource: hands each to whoever knows the answer. */
export function createService(parts: ServiceParts): UntypedServiceImplementation {
  const { plugin, onOptionsAsked, onStream, onAllocated } = parts;
  return {
    getDevicePluginOptions: unary<Empty, DevicePluginOptions>((_request, call) => {
      onOptionsAsked(call);
      return pluginOptions(plugin);
    }),
    listAndWatch: (call: ListCall) => {
      onStream(call);
    },
    allocate: unary<AllocateRequest, Buffer>(async (request) => {
      if (request.containerRequests.length === 0) return Buffer.alloc(0);
      const startMs = performance.now();
      try {
        const response = encodeAllocation(parts.resourceName, await allocate(parts, request));
        onAllocated('ok', performance.now() - startMs);
        log.v(3).info('allocated', { resource: parts.resourceName, ids: idsOf(request) });
        return response;
      } catch (error) {
        onAllocated('error', performance.now() - startMs);
        log.warn('allocation refused', { resource: parts.resourceName, ids: idsOf(request), error });
        throw error;
      }
    }),
    getPreferredAllocation: unary<PreferredAllocationRequest, PreferredAllocationResponse>((request) =>
      preferredAllocation(parts, request),
    ),
    preStartContainer: unary<PreStartContainerRequest, PreStartContainerResponse>(async (request) => {
      if (plugin.preStartContainer === undefined) throw notImplemented('preparation before a container starts');
      await plugin.preStartContainer(request);
      return {};
    }),
  };
}

function idsOf({ containerRequests }: AllocateRequest): string {
  return containerRequests.flatMap(({ devicesIds }) => devicesIds).join(',');
}

/** Which optional calls the kubelet shall make: those that the plugin has. */
export function pluginOptions(plugin: DevicePlugin): DevicePluginOptions {
  return {
    preStartRequired: plugin.preStartContainer !== undefined,
    getPreferredAllocationAvailable: plugin.getPreferredAllocation !== undefined,
  };
}

/**
 * The message of an answer to Allocate.
 *
 * @throws DevicePluginError `ALLOCATION_INVALID` when it is none, which the compiler cannot see of a plugin in plain JavaScript.
 */
export function encodeAllocation(resourceName: string, response: AllocateResponse): Buffer {
  try {
    return Buffer.from(AllocateResponse.encode(response).finish());
  } catch (cause) {
    throw new DevicePluginError(
      'ALLOCATION_INVALID',
      `the plugin's answer to an allocation of ${resourceName} cannot be sent: it is to be an AllocateResponse`,
      { cause },
    );
  }
}

async function allocate(parts: ServiceParts, request: AllocateRequest): Promise<AllocateResponse> {
  return (await ownAllocation(parts.plugin, request)) ?? (await defaultAllocation(parts, request));
}

async function ownAllocation(plugin: DevicePlugin, request: AllocateRequest): Promise<AllocateResponse | undefined> {
  try {
    return await plugin.allocate?.(request);
  } catch (error) {
    if (error instanceof UseDefaultMethodError) return undefined;
    throw error;
  }
}

async function defaultAllocation(
  { resourceName, plugin, list, cdi }: ServiceParts,
  request: AllocateRequest,
): Promise<AllocateResponse> {
  const response = defaultAllocate(resourceName, list.devices, request);
  for (const device of cdiDevicesOf(list.devices, request)) await cdi.ensure(device);
  await plugin.postAllocate?.(response);
  return response;
}

/** An error would fail the pod, although any device would do: without a preference the kubelet chooses. */
async function preferredAllocation(
  { resourceName, plugin }: ServiceParts,
  request: PreferredAllocationRequest,
): Promise<PreferredAllocationResponse> {
  if (plugin.getPreferredAllocation === undefined) throw notImplemented('preferred allocation');
  try {
    return await plugin.getPreferredAllocation(request);
  } catch (error) {
    log.warn('no preferred allocation, the kubelet chooses', { resource: resourceName, error });
    return { containerResponses: request.containerRequests.map(() => ({ deviceIDs: [] })) };
  }
}

function notImplemented(capability: string): DevicePluginError {
  return new DevicePluginError('NOT_IMPLEMENTED', `this plugin has no ${capability}`);
}

type UnaryHandler<Request, Response> = (
  call: ServerUnaryCall<Request, Response>,
  callback: (failure: CallFailure | null, response?: Response) => void,
) => void;

/** A handler of grpc-js from a function that returns or throws. */
function unary<Request, Response>(
  answer: (request: Request, call: ServerUnaryCall<Request, Response>) => Response | Promise<Response>,
): UnaryHandler<Request, Response> {
  return (call, callback) => {
    Promise.try(answer, call.request, call).then(
      (response) => {
        callback(null, response);
      },
      (error: unknown) => {
        callback(toCallFailure(error));
      },
    );
  };
}
