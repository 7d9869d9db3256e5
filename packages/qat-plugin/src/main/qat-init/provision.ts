// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, log, messageOf } from '@kube-device-plugins/core';
import type { DeviceGeneration } from '../../sysfs/device-generations.ts';
import { applySteps, type Hands } from './apply-steps.ts';
import type { Configuration } from './configuration.ts';
import { readHostFacts, type HostFacts } from './host-facts.ts';
import { planProvisioning } from './plan.ts';
import { describeStep, type Plan, type Step } from './step.ts';

/** Which devices, and how they are to be. */
export interface Order {
  readonly enabled: ReadonlyMap<string, DeviceGeneration>;
  readonly configuration: Configuration;
}

/**
 * Reads the host, does what is missing and reads it again, until nothing is. A host that is as it should be is not written to.
 *
 * @throws DevicePluginError what planProvisioning() and applySteps() throw, and `HOST_UNWRITABLE` when the host does not stay as it was set;
 * the message ends with what was done before.
 */
export async function provision(hands: Hands, order: Order, signal: AbortSignal): Promise<void> {
  const done: Step[] = [];
  try {
    await provisionInRounds(hands, order, done, signal);
  } catch (error) {
    if (done.length === 0 || !(error instanceof DevicePluginError)) throw error;
    const message = `${messageOf(error)}; done before: ${done.map(describeStep).join(', ')}`;
    throw new DevicePluginError(error.code, message, { cause: error });
  }
}

async function provisionInRounds(
  hands: Hands,
  { enabled, configuration }: Order,
  done: Step[],
  signal: AbortSignal,
): Promise<void> {
  for (let round = 1; round <= mostRounds; round++) {
    const facts = await readHostFacts(hands.host, enabled);
    if (round === 1) warnOfOthers(facts, configuration);
    const { steps } = planProvisioning(facts, configuration);
    if (steps.length === 0) {
      tellEnd(facts, done.length);
      return;
    }
    await applySteps(steps, hands, done, signal);
  }
  throw new DevicePluginError(
    'HOST_UNWRITABLE',
    'the devices do not stay as they are set: something else on the host changes them',
  );
}

/** One for the devices, one for their virtual functions, one to see that all is well, and one more for a device that was reset meanwhile. */
const mostRounds = 4;

function tellEnd({ pfs }: HostFacts, steps: number): void {
  if (pfs.length === 0) log.warn('there is no QAT device to set up');
  else log.info('devices are set up', { devices: pfs.map(({ bdf }) => bdf), steps });
}

/** What {@link provision} would do on this host, for people. */
export async function describeProvisioning(host: Hands['host'], { enabled, configuration }: Order): Promise<string> {
  const facts = await readHostFacts(host, enabled);
  warnOfOthers(facts, configuration);
  return describePlan(planProvisioning(facts, configuration));
}

function describePlan({ steps, later }: Plan): string {
  if (steps.length === 0) return 'nothing to do\n';
  return [...steps.map(describeStep), ...later.map((text) => `then: ${text}`)].map((line) => `${line}\n`).join('');
}

function warnOfOthers({ pfs }: HostFacts, configuration: Configuration): void {
  for (const reason of configuration.warnings) log.warn('part of the configuration is passed over', { reason });
  const found = new Set(pfs.map(({ bdf }) => bdf));
  for (const bdf of configuration.pfs.keys()) {
    if (!found.has(bdf)) log.warn('the configuration has a section for a device that this node does not have', { bdf });
  }
}
