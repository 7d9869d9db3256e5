// SPDX-License-Identifier: Apache-2.0

/**
 * The full name of a resource: `color.example.com` and `yellow` give `color.example.com/yellow`.
 * A resource that holds a slash is a full name already.
 */
export function fullResourceName(namespace: string, resource: string): string {
  return resource.includes('/') ? resource : `${namespace}/${resource}`;
}

/**
 * Why a kubelet would refuse this resource name, as the end of a sentence, or undefined when it would take it.
 * Source: k8s.io/kubernetes/pkg/apis/core/v1/helper, IsExtendedResourceName: a qualified name that still is one behind "requests.".
 */
export function resourceNameProblem(resourceName: string): string | undefined {
  const [prefix = '', name = '', ...rest] = resourceName.split('/');
  if (rest.length > 0 || !resourceName.includes('/')) return 'is not of the form domain/name';
  if (resourceName.startsWith('requests.')) return 'begins with "requests."';
  if (`${prefix}/`.endsWith('kubernetes.io/'))
    return 'is in the domain kubernetes.io, which kubelets keep for themselves';
  if (prefix.length + 'requests.'.length > maxPrefixLength)
    return `has a domain of more than ${maxPrefixLength - 'requests.'.length} characters`;
  if (!dnsSubdomain.test(prefix))
    return `has a domain that is not a DNS subdomain (lower-case letters, digits, "-" and ".")`;
  if (name.length > maxNameLength)
    return `has a name of ${name.length} characters behind the slash; kubelets take at most ${maxNameLength}`;
  if (!qualifiedName.test(name))
    return 'has a name that is not made of letters, digits, "-", "_" and "." with a letter or digit at both ends';
  return undefined;
}

const maxPrefixLength = 253;
const maxNameLength = 63;
const dnsSubdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const qualifiedName = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
