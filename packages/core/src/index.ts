// SPDX-License-Identifier: Apache-2.0
/**
 * The framework: write one `scan()` that notifies a tree of devices, and every resource in it gets its own server,
 * registration with the kubelet, health, hotplug and allocation.
 */

// A plugin: what you write.
export type {
  Allocator,
  ContainerPreStarter,
  DevicePlugin,
  Notifier,
  PostAllocator,
  PreferredAllocator,
  Scanner,
} from './device-plugin.ts';
export {
  deviceIdProblem,
  DeviceTree,
  topologyOf,
  type DeviceInfo,
  type Devices,
  type Health,
  type LeftOutDevices,
} from './device-tree.ts';
export {
  DevicePluginError,
  errorTable,
  isErrno,
  isMissing,
  messageOf,
  UseDefaultMethodError,
  type ErrorCode,
} from './errors.ts';
export type {
  AllocateRequest,
  AllocateResponse,
  ContainerAllocateResponse,
  DeviceSpec,
  Mount,
  PreferredAllocationRequest,
  PreferredAllocationResponse,
  PreStartContainerRequest,
  TopologyInfo,
} from './kubelet-api/deviceplugin.ts';
export {
  cdiDeviceName,
  type CdiContainerEdits,
  type CdiDevice,
  type CdiDeviceNode,
  type CdiHook,
  type CdiHookName,
  type CdiMount,
} from './cdi/spec.ts';
export { makeDirectory } from './cdi/make-directory.ts';

// Running it.
export { Manager, type ManagerDeps } from './manage/manager.ts';
export { runPlugin } from './run-plugin.ts';
export { runPlugins, type HostedPlugins } from './run-plugins.ts';
export type { PluginDefinition, PluginFlagValues } from './plugin-definition.ts';
export { runCommand, type CommandContext, type CommandDefinition } from './run-command.ts';
export type { FlagDefinitions, FlagValues } from './cli/flag-definition.ts';
export type { CommonOptions } from './cli/common-flags.ts';
export { nearestName } from './cli/nearest-name.ts';
export { parseGoDuration } from './cli/go-duration.ts';
export { onProcessSignal } from './process-signals.ts';

// Looking at the host.
export { Host } from './scan/host.ts';
export { exitDespiteFileWork, fileWork, isFileWorkPending } from './scan/file-work.ts';
export { hostOf, type HostLease } from './scan/host-of.ts';
export { rescan, requestRescan, type RescanOptions } from './scan/rescan.ts';
export { formatBdf, isBdf, parseBdf, parsePciId, type Bdf } from './scan/pci.ts';
export { readTopology } from './scan/topology.ts';
export { deviceNodeOf, type DeviceNode } from './scan/device-node.ts';
export { fullResourceName, resourceNameProblem } from './serve/resource-name.ts';

// Asking other daemons of the node.
export { callUnary, type UnaryCall } from './rpc/call-unary.ts';
export { GrpcClient, type GrpcCall, type GrpcStreamCall } from './rpc/grpc-client.ts';
export { GrpcStatusError } from './rpc/grpc-status.ts';
export { backoffMs, type BackoffOptions } from './serve/backoff.ts';
export { isSettled, pause } from './serve/abortable.ts';

// A running plugin, looked at from outside.
export type { DeviceStatus, PluginStatus, ResourceStatus, Status, TransitionStatus } from './observe/status/status.ts';
export { timeAgo } from './observe/status/time-ago.ts';
export { readDeviceUsers, type DeviceUser, type DeviceUsers } from './rpc/device-users.ts';

// Telling what happens.
export { RemarkLog, type Remark } from './log/remark-log.ts';
export { configureLog, log } from './log/log.ts';
export { countConfigReload } from './observe/telemetry.ts';

// Looking at a plugin without a kubelet.
export { scanOnce, type ScanFindings, type ScanOnceOptions } from './manage/scan-once.ts';
export { parsePluginFlags, type PluginFlags } from './cli/plugin-flags.ts';
export { extractCapture, type ExtractedCapture } from './capture/extract-capture.ts';
export { maxCaptureBytes, type CaptureEntries, type CaptureEntry } from './capture/capture-entries.ts';
export { descriptionFile, type CaptureDescription, type UnreadablePath } from './capture/capture-description.ts';
export { version } from './version.ts';

// The smaller front door: one resource, every answer your own.
export {
  build,
  type DevicePluginImpl,
  type DeviceStream,
  type RunnableDevicePlugin,
} from './frame/device-plugin-frame.ts';
export type { FrameDevice } from './frame/frame-devices.ts';
export { buildSimpleDevicePlugin } from './frame/simple-device-plugin.ts';
