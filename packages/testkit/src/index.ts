// SPDX-License-Identifier: Apache-2.0
export { PluginCallError } from './device-plugin-client.ts';
export { FakeKubelet, type FakeKubeletOptions, type KubeletPredicate } from './fake-kubelet.ts';
export {
  dir,
  type FixtureDir,
  type FixtureEntry,
  type FixtureLink,
  type FixtureNode,
  type FixtureTree,
  HostFixture,
  hostFixture,
  link,
  node,
} from './host-fixture.ts';
export type { KubeletCall } from './kubelet-call.ts';
export type { KubeletEvent, StopKind } from './kubelet-event.ts';
export type { KubeletProfile } from './plugin-clients.ts';
export {
  type AdmittedContainer,
  type AdmittedPod,
  ContainerStartError,
  type ContainerSpec,
  type InitContainerSpec,
  type PodSpec,
  UnexpectedAdmissionError,
} from './pod-spec.ts';
export { RecordingNotifier } from './recording-notifier.ts';
export type { ResourceExpectation } from './resource-expectation.ts';
export type { DeviceView, NodeView, ResourceView } from './resource-view.ts';
export type { ContainerResources } from './response-merge.ts';
export { WaitTimeoutError } from './subscribers.ts';
