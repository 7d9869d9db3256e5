// SPDX-License-Identifier: Apache-2.0
import { deviceApiVersion, type deviceplugin } from '@kube-device-plugins/core/kubelet-api';

/**
 * Why a kubelet refuses this registration before it connects to the plugin, in the kubelet's words, or undefined when it does not.
 * Upstream: pkg/kubelet/cm/devicemanager/plugin/v1beta1/server.go, Register.
 */
export function registrationProblem(request: deviceplugin.RegisterRequest): string | undefined {
  if (request.version !== deviceApiVersion) {
    return `requested API version "${request.version}" is not supported by kubelet; supported version is ["${deviceApiVersion}"]`;
  }
  if (!isExtendedResourceName(request.resourceName)) return `the ResourceName "${request.resourceName}" is invalid`;
  return undefined;
}

/**
 * Why a kubelet does not take a plugin that its plugin watcher has found, in its words, or undefined when it does.
 * Upstream: pkg/kubelet/cm/devicemanager/plugin/v1beta1/handler.go, ValidatePlugin.
 */
export function foundPluginProblem(resource: string, supportedVersions: readonly string[]): string | undefined {
  if (!supportedVersions.includes(deviceApiVersion)) {
    return `manager version, ${deviceApiVersion}, is not among plugin supported versions [${supportedVersions.join(' ')}]`;
  }
  if (!isExtendedResourceName(resource)) {
    return `invalid name of device plugin socket: the ResourceName "${resource}" is invalid`;
  }
  return undefined;
}

/**
 * True for the name of an extended resource, `domain/name`: not one of Kubernetes' own, and short enough for a quota.
 * Upstream: pkg/apis/core/v1/helper/helpers.go, IsExtendedResourceName.
 */
export function isExtendedResourceName(resource: string): boolean {
  if (!resource.includes('/') || resource.includes('kubernetes.io/') || resource.startsWith(quotaPrefix)) return false;
  return isQualifiedName(quotaPrefix + resource);
}

/** Quotas name a resource `requests.<resource>`, which has to be a valid name too. */
const quotaPrefix = 'requests.';

// Lengths and patterns: apimachinery pkg/util/validation, IsQualifiedName and IsDNS1123Subdomain.
const longestDomain = 253;
const longestName = 63;
const domainPattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const namePattern = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

function isQualifiedName(text: string): boolean {
  const [domain = '', name = '', ...rest] = text.split('/');
  if (rest.length > 0 || domain.length > longestDomain || name.length > longestName) return false;
  return domainPattern.test(domain) && namePattern.test(name);
}
