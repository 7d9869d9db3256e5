// SPDX-License-Identifier: Apache-2.0
import { posix } from 'node:path';
import { kubeletSocketName } from '../kubelet-api/constants.ts';
import { GrpcClient } from '../rpc/grpc-client.ts';
import { GrpcStatusError } from '../rpc/grpc-status.ts';
import { defineCheck, notApplicable, ok, problem, unknown, warning, type Verdict } from './check.ts';
import { codeOf, readPathFacts, type PathFacts } from './path-facts.ts';
import type { Scene } from './scene.ts';

/** How one call ended: number of google.rpc.Code, 0 for an answer, or what went wrong: `ECONNREFUSED`. */
export type CallOutcome = number | string;

/** The kubelet's socket, and whether somebody answers behind it. */
export const kubeletSocketCheck = defineCheck({
  id: 'kubelet-socket',
  what: "the kubelet's socket for registrations",
  why: 'resources come to be by a call to it; plugins wait for it as long as it takes',
  remedy: 'systemctl restart kubelet && journalctl -u kubelet -n 50',
  read: async (scene, signal) => {
    const path = posix.join(scene.devicePluginPath, kubeletSocketName);
    const facts = await readPathFacts(scene.files, path);
    // A method that no kubelet has: whoever refuses it is alive, and nothing is changed.
    const methods = facts.kind === 'socket' ? [{ method: '/kdp.Doctor/Ping', request: nothing }] : [];
    const [outcome] = await call(scene, path, methods, signal);
    return { facts, outcome };
  },
  judge: ({ facts, outcome }) => judgeSocket(facts, outcome),
});

/** What the kubelet can do, as far as its podresources tell. */
export const kubeletVersionCheck = defineCheck({
  id: 'kubelet-version',
  what: 'the version of the kubelet, by what its podresources answer',
  why: 'kubelets before 1.26 cannot talk to plugins on Node.js, and CDI devices reach containers from 1.28 on (by default from 1.29)',
  remedy: 'upgrade the kubelet to 1.26 or newer: kubelet --version',
  read: async (scene, signal) => {
    const facts = await readPathFacts(scene.files, scene.podResourcesSocket);
    const methods = facts.kind === 'socket' ? podResourcesMethods : [];
    const [list, allocatable, get] = await call(scene, scene.podResourcesSocket, methods, signal);
    return { facts, list, allocatable, get };
  },
  judge: judgeVersion,
});

export function judgeSocket({ path, kind, refusal, nearest }: PathFacts, outcome: CallOutcome | undefined): Verdict {
  if (kind === 'missing' && nearest !== posix.dirname(path)) return notApplicable('the directory is not there');
  if (kind === 'missing')
    return problem(`${path} is not there: the kubelet is down, or the directory is not the kubelet's`);
  if (kind === 'unreadable') return problem(`${path} cannot be looked at: ${refusal ?? ''}`);
  if (kind !== 'socket') return problem(`${path} is no socket`, `rm ${path} && systemctl restart kubelet`);
  if (typeof outcome === 'number') return ok(`${path} answers`);
  if (outcome === 'ECONNREFUSED') return problem(`${path} is what a kubelet left behind: nobody listens`);
  if (outcome === 'EACCES' || outcome === 'EPERM')
    return problem(
      `${path} refuses this process: ${outcome}`,
      'run the plugin as root, on SELinux with seLinuxOptions: { type: container_device_plugin_t }; ls -Z shows labels',
    );
  return problem(`${path} does not answer: ${outcome ?? 'it was not asked'}`);
}

interface VersionFacts {
  readonly facts: PathFacts;
  readonly list: CallOutcome | undefined;
  readonly allocatable: CallOutcome | undefined;
  readonly get: CallOutcome | undefined;
}

/** Source: kubernetes, staging/src/k8s.io/kubelet/pkg/apis/podresources/v1: List since 1.20, GetAllocatableResources 1.21, Get 1.27. */
export function judgeVersion({ facts, list, allocatable, get }: VersionFacts): Verdict {
  if (facts.kind !== 'socket') return unknown(`${facts.path} is not there, or not mounted here`);
  if (typeof list === 'string') return unknown(`${facts.path} does not answer: ${list}`);
  if (list === unimplemented) return problem('older than 1.20: it has no podresources v1');
  if (allocatable === unimplemented) return problem('1.20: it has no GetAllocatableResources');
  if (get === unimplemented) return warning('from 1.21 to 1.26: its podresources have no Get');
  if (typeof get === 'number') return ok('1.27 or newer: its podresources have Get');
  return unknown('1.20 or newer: its podresources list pods');
}

async function call(
  { files, callTimeoutMs }: Scene,
  path: string,
  methods: readonly { readonly method: string; readonly request: Uint8Array }[],
  signal: AbortSignal,
): Promise<readonly CallOutcome[]> {
  const real = await files.realPath(path);
  if (real === undefined) return [];
  using client = new GrpcClient(files.path(real));
  const limits = { timeoutMs: callTimeoutMs, maxMessageBytes: maxPodResourcesBytes };
  return await Promise.all(methods.map((one) => client.unary({ ...one, ...limits }, signal).then(() => 0, outcomeOf)));
}

function outcomeOf(error: unknown): CallOutcome {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof GrpcStatusError ? cause.status : codeOf(cause ?? error);
}

const nothing = new Uint8Array();

/** Of google.rpc.Code: a server without such a method. */
const unimplemented = 12;

/** What clients of podresources take. Source: kubernetes, pkg/kubelet/apis/podresources/client.go. */
const maxPodResourcesBytes = 16 * 1024 * 1024;

/** The last one asks for the pod `-` in the namespace `-`, which cannot be: fields 1 and 2 of GetPodResourcesRequest. */
const podResourcesMethods = [
  { method: '/v1.PodResourcesLister/List', request: nothing },
  { method: '/v1.PodResourcesLister/GetAllocatableResources', request: nothing },
  { method: '/v1.PodResourcesLister/Get', request: Uint8Array.of(0x0a, 1, 0x2d, 0x12, 1, 0x2d) },
];
