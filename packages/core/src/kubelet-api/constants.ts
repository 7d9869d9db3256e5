// SPDX-License-Identifier: Apache-2.0
// The kubelet's own names and numbers. Source: k8s.io/kubelet, pkg/apis/deviceplugin/v1beta1/constants.go
// and pkg/apis/pluginregistration/v1/constants.go, unless a line says otherwise.

/** The only version of the device plugin API that kubelets since 1.10 accept. */
export const deviceApiVersion = 'v1beta1';

/** Where kubelets look for plugins; they do not move it with `--root-dir`. */
export const defaultDevicePluginPath = '/var/lib/kubelet/device-plugins/';

/** File name of the kubelet's registration socket in that directory. */
export const kubeletSocketName = 'kubelet.sock';

/** File in that directory in which kubelets keep what they have allocated. Source: kubernetes, pkg/kubelet/cm/devicemanager/types.go. */
export const kubeletCheckpointName = 'kubelet_internal_checkpoint';

/** Where the kubelet's plugin watcher looks for registration sockets. */
export const defaultPluginsRegistryPath = '/var/lib/kubelet/plugins_registry';

/** `PluginInfo.type` of a device plugin. */
export const devicePluginType = 'DevicePlugin';

/** The two values of `Device.health`; the kubelet takes any other one as unhealthy. */
export const healthy = 'Healthy';
export const unhealthy = 'Unhealthy';

/** Longest device id, in characters (documented in api.proto, not enforced by kubelets). */
export const maxDeviceIdLength = 63;

/** Longest path of a unix socket in bytes: `sun_path` holds 108 and Go needs one for the NUL. Source: unix(7). */
export const maxSocketPathBytes = 107;

/** Most bytes of one message that the kubelet receives. Source: grpc-go's default; kubernetes/kubernetes#109304. */
export const maxMessageBytes = 4 * 1024 * 1024;

/** How long the kubelet waits for PreStartContainer. */
export const preStartContainerTimeoutMs = 30_000;
