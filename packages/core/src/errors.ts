// SPDX-License-Identifier: Apache-2.0

/**
 * Every error of our own: what it means, and the gRPC status it has where a kubelet sees it.
 * docs/reference/errors.md holds one section for each code; a test compares the two.
 * Status names are those of google.rpc.Code.
 */
export const errorTable = {
  DEVICE_UNKNOWN: { status: 'NOT_FOUND', meaning: 'a device was asked for that the resource does not list' },
  DEVICE_UNHEALTHY: { status: 'FAILED_PRECONDITION', meaning: 'a device was asked for that is not healthy' },
  DEVICE_ID_INVALID: { status: 'INVALID_ARGUMENT', meaning: 'a device id that the kubelet does not accept' },
  RESOURCE_NAME_INVALID: { status: 'INVALID_ARGUMENT', meaning: 'a resource name that the kubelet does not accept' },
  SOCKET_NAME_INVALID: {
    status: 'INVALID_ARGUMENT',
    meaning: 'a name for a socket that is no file name, or one of the kubelet',
  },
  SOCKET_PATH_TOO_LONG: { status: 'INTERNAL', meaning: 'a unix socket path of more than 107 bytes' },
  PLUGIN_DIR_UNUSABLE: { status: 'INTERNAL', meaning: 'no socket can be made in the plugin directory' },
  PLUGIN_DIR_DELETED: { status: 'INTERNAL', meaning: 'the plugin directory was deleted under a mount of it' },
  SOCKET_IN_USE: {
    status: 'INTERNAL',
    meaning: 'another live process serves the socket, or something else lies in its place',
  },
  LIST_TOO_LARGE: {
    status: 'RESOURCE_EXHAUSTED',
    meaning: 'a list of devices of more than the 4 MiB a kubelet receives',
  },
  CDI_SPEC_INVALID: { status: 'INTERNAL', meaning: 'a CDI device that no container runtime would accept' },
  CDI_SPEC_WRITE: { status: 'INTERNAL', meaning: 'a CDI spec file could not be written' },
  TOPOLOGY_UNREADABLE: { status: 'INTERNAL', meaning: 'the NUMA node of a device could not be read' },
  KUBELET_CALL: { status: 'UNAVAILABLE', meaning: 'a call to the kubelet failed' },
  RPC_FAILED: { status: 'UNAVAILABLE', meaning: 'a call to another daemon of the node failed' },
  FLAG_INVALID: { status: 'INVALID_ARGUMENT', meaning: 'a command line flag or its environment variable is wrong' },
  CONFIG_INVALID: { status: 'INVALID_ARGUMENT', meaning: 'a configuration file is wrong' },
  HOST_UNREADABLE: { status: 'INTERNAL', meaning: 'a file of the host could not be read' },
  HOST_TIMEOUT: { status: 'UNAVAILABLE', meaning: 'a device did not answer a read in time' },
  HOST_UNWRITABLE: { status: 'INTERNAL', meaning: 'a file of the host could not be written' },
  DEVICE_UNUSABLE: {
    status: 'INTERNAL',
    meaning: 'a device cannot be offered, and the plugin was told to end for that',
  },
  PREFERENCE_INVALID: {
    status: 'INVALID_ARGUMENT',
    meaning: 'a preference was asked for among fewer devices than are wanted',
  },
  FILE_WRITE: { status: 'INTERNAL', meaning: 'a file that a program is to make could not be written' },
  BITSTREAM_INVALID: { status: 'INVALID_ARGUMENT', meaning: 'a file that should be an FPGA bitstream and is none' },
  PROGRAMMING_REFUSED: {
    status: 'FAILED_PRECONDITION',
    meaning: 'an FPGA cannot be programmed or asked as it was wished',
  },
  DEVICE_CALL: { status: 'INTERNAL', meaning: 'a call to the driver of a device failed, or had no effect' },
  FIXTURE_INVALID: { status: 'INVALID_ARGUMENT', meaning: 'a path of a test fixture that leads out of the fixture' },
  ALLOCATION_INVALID: { status: 'INTERNAL', meaning: 'a plugin answers an allocation with what cannot be sent' },
  PLUGIN_ENDED: { status: 'INTERNAL', meaning: 'one of several plugins in a process ended by itself' },
  CAPTURE_INVALID: {
    status: 'INVALID_ARGUMENT',
    meaning: 'a capture of a host that is damaged, too large, or could do harm',
  },
  SCAN_TIMEOUT: { status: 'INTERNAL', meaning: 'a plugin did not tell of its devices in the time it had' },
  NOT_IMPLEMENTED: { status: 'UNIMPLEMENTED', meaning: 'the plugin does not have this capability' },
} as const satisfies Record<string, { readonly status: string; readonly meaning: string }>;

/** Code of one of our own errors. */
export type ErrorCode = keyof typeof errorTable;

/**
 * Any error that this project creates. The message names what failed, which device, path or key, and the remedy where there is one.
 * A foreign error is never thrown on bare: it becomes the `cause`.
 */
export class DevicePluginError extends Error {
  override readonly name = 'DevicePluginError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Thrown by an {@link Allocator} that wants the default allocation for this request.
 * Upstream: pkg/deviceplugin/api.go, UseDefaultMethodError.
 */
export class UseDefaultMethodError extends Error {
  override readonly name = 'UseDefaultMethodError';

  constructor() {
    super('use default method');
  }
}

/** True for the errors of the file system that mean "it is not there". */
export function isMissing(error: unknown): boolean {
  return isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR');
}

/** True when `error` is a Node.js system error with this code, e.g. `EADDRINUSE`. */
export function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** The message of anything thrown with those of its causes behind it: `outer: inner: innermost`. A chain that goes in circles is cut. */
export function messageOf(error: unknown): string {
  return chainedMessage(error, maxCauses);
}

function chainedMessage(error: unknown, left: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause === undefined || left === 0) return error.message;
  const cause = chainedMessage(error.cause, left - 1);
  return error.message.includes(cause) ? error.message : `${error.message}: ${cause}`;
}

const maxCauses = 10;
