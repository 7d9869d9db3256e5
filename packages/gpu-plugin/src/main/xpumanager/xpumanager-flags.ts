// SPDX-License-Identifier: Apache-2.0
import type { FlagDefinitions } from '@kube-device-plugins/core';
import { featuresDirectory, pathProblem } from '../labels/label-flags.ts';

/** The flags of xpumanager-labels, which are upstream's. */
export const xpumanagerFlags = {
  interval: {
    type: 'uint',
    default: 10,
    usage: 'seconds between two looks at the metrics, from 1 on',
    check: intervalProblem,
  },
  'startup-delay': { type: 'uint', default: 10, usage: 'seconds until the first look', check: delayProblem },
  'xpum-port': { type: 'uint', default: 29_999, usage: 'port of XPU Manager on 127.0.0.1', check: portProblem },
  'dst-file-path': {
    type: 'string',
    default: `${featuresDirectory}/xpum-sidecar-labels.txt`,
    usage: 'label file, which is removed at the end',
    check: pathProblem,
  },
  'tmp-dir-prefix': {
    type: 'string',
    default: `${featuresDirectory}/`,
    usage: 'directory for a temporary directory, on the same file system as the label file',
  },
  'lane-count': { type: 'uint', default: 4, usage: 'lanes that a link has at least to count' },
  'label-namespace': {
    type: 'string',
    default: 'gpu.intel.com',
    usage: 'what stands before the slash in the names of labels',
    check: namespaceProblem,
  },
  'allow-subdeviceless-links': {
    type: 'bool',
    default: false,
    usage: 'also count links that are on no subdevice, as those of GPUs of one tile',
  },
  cert: { type: 'string', default: '', usage: "PEM file to check the server's certificate with; uses HTTPS" },
} as const satisfies FlagDefinitions;

function intervalProblem(seconds: number): string | undefined {
  return seconds >= 1 && seconds <= 86_400 ? undefined : 'must be from 1 to 86400';
}

function delayProblem(seconds: number): string | undefined {
  return seconds <= 86_400 ? undefined : 'must be from 0 to 86400';
}

function portProblem(port: number): string | undefined {
  return port >= 1 && port <= 65_535 ? undefined : 'must be from 1 to 65535';
}

/** A prefix of label keys. Source: Kubernetes, apimachinery/pkg/util/validation, IsDNS1123Subdomain(). */
function namespaceProblem(namespace: string): string | undefined {
  const isSubdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(namespace);
  return isSubdomain && namespace.length <= 253 ? undefined : 'must be a DNS name such as gpu.intel.com';
}
