// SPDX-License-Identifier: Apache-2.0
/**
 * A kubelet to test device plugins against, hosts without the hardware, and a notifier that remembers. No test framework is needed.
 */

// The kubelet.
export { FakeKubelet, type KubeletPredicate } from './fake-kubelet.ts';
export type { FakeKubeletOptions, KubeletLimits } from './fake-kubelet-options.ts';
export type { FaultPlan, KubeletFaults, ListAndWatchFault, OptionsFault, RegisterFault } from './kubelet-faults.ts';
export { kubeletProfiles, type KubeletProfile } from './kubelet-profile.ts';
export type { RestartOptions } from './kubelet-process.ts';
export { ManualClock, realClock, type Clock } from './clock.ts';

// What it gives to pods.
export {
  type AdmittedContainer,
  type AdmittedPod,
  ContainerStartError,
  type ContainerSpec,
  type InitContainerSpec,
  type PodSpec,
  UnexpectedAdmissionError,
} from './pod-spec.ts';
export type { ContainerResources, MergeConflict } from './response-merge.ts';

// What it shows.
export type { Checkpoint, CheckpointEntry } from './checkpoint.ts';
export type { KubeletCall } from './kubelet-call.ts';
export type { KubeletEvent, RestartKind, StopKind } from './kubelet-event.ts';
export type { CutKind } from './plugin-clients.ts';
export type { AllocatedResourceStatus, PodHealth } from './pod-health.ts';
export type { ResourceExpectation } from './resource-expectation.ts';
export type { DeviceView, NodeView, ResourceView } from './resource-view.ts';
export { PluginCallError } from './grpc/plugin-call-error.ts';
export { WaitTimeoutError } from './subscribers.ts';
/** The API of podresources, for clients of it. */
export * as podresources from './kubelet-api/podresources.ts';

// Others that talk to a plugin.
export { openIdleConnections, readListOnce } from './foreign-clients.ts';

// Your plugin as a process, between a kubelet and a host.
export { PluginWorld } from './plugin-world.ts';
export { RunningPlugin } from './running-plugin.ts';
export { makeTemporaryDirectory } from './temporary-directory.ts';

// Any plugin, examined.
export { conformance, type ClauseResult, type ConformanceOptions } from './conformance/conformance.ts';
export { type Budgets, defaultBudgets } from './conformance/budgets.ts';
export { type Clause, ClauseFailure } from './conformance/clause.ts';
export { clauses } from './conformance/clauses.ts';
export {
  type ConformanceRun,
  type ConformanceSummary,
  coreClauses,
  patientBudgets,
  patientConformance,
} from './conformance/conformance-run.ts';
export { nodeClock } from './conformance/node-clock.ts';
export { reasons } from './conformance/reasons.ts';
export {
  conformanceProfiles,
  type Examination,
  examinationsOf,
  newestProfile,
  selectClauses,
  type Selection,
} from './conformance/selection.ts';
export { stimuli } from './conformance/stimuli.ts';
export { commandAt, type ConformanceSubject, type InventoryHooks, isGiven, type Place } from './conformance/subject.ts';
export { isExtendedResourceName } from './registration-rules.ts';

// Daemons that a GPU plugin asks.
export {
  FakeLevelZero,
  type FakeLevelZeroCard,
  type LevelZeroBehaviour,
  type LevelZeroMethod,
} from './gpu/fake-level-zero.ts';
export { FakeXpumd, type FakeXpumdStatus, type XpumdBehaviour, type XpumdSeverity } from './gpu/fake-xpumd.ts';

// Files that an FPGA is programmed with.
export { aocxFile, aocxSections } from './fpga/aocx-file.ts';
export { elfFile, type ElfContent } from './fpga/elf-file.ts';
export { gbsFile, type GbsContent } from './fpga/gbs-file.ts';

// A host and a framework to scan for.
export {
  dir,
  type FixtureDir,
  type FixtureEntry,
  type FixtureLink,
  type FixtureNode,
  type FixtureSilence,
  type FixtureTree,
  HostFixture,
  hostFixture,
  link,
  node,
  silence,
} from './host-fixture.ts';
export { verdictsOn } from './verdicts-on.ts';
export { RecordingNotifier } from './recording-notifier.ts';
export { SeededRandom } from './seeded-random.ts';
