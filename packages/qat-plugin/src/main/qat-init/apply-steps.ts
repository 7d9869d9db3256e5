// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError, isErrno, log, messageOf, type Host } from '@kube-device-plugins/core';
import { bindVf } from '../../plugin/driver-binding.ts';
import type { HostWriter } from '../../plugin/host-writer.ts';
import { areSameServices } from './allowed-services.ts';
import { pciDevices } from './host-facts.ts';
import type { BindStep, Step, WriteStep } from './step.ts';

/** The host, to look at and to change. */
export interface Hands {
  readonly host: Host;
  readonly writer: HostWriter;
}

/**
 * Does these steps one after another and looks after each whether the kernel has done it.
 *
 * @param done - takes each step that has succeeded.
 * @throws DevicePluginError `HOST_UNWRITABLE` for the first step that fails, with cause and remedy, or when `signal` aborts.
 */
export async function applySteps(
  steps: readonly Step[],
  hands: Hands,
  done: Step[],
  signal: AbortSignal,
): Promise<void> {
  for (const step of steps) {
    if (signal.aborted) throw new DevicePluginError('HOST_UNWRITABLE', 'stopped by a signal');
    try {
      if (step.kind === 'write') await write(step, hands);
      else await bind(step, hands);
    } catch (cause) {
      throw new DevicePluginError('HOST_UNWRITABLE', `${messageOf(cause)}; ${remedyOf(step, cause, signal)}`, {
        cause,
      });
    }
    done.push(step);
  }
}

async function write(step: WriteStep, { host, writer }: Hands): Promise<void> {
  const { path, text, reason } = step;
  await writer.write(path, text);
  const found = await host.readText(path);
  if (found === undefined || !proves(step, found)) {
    const says = found === undefined ? 'is gone' : `says ${JSON.stringify(found)}`;
    throw new DevicePluginError(
      'HOST_UNWRITABLE',
      `${path} ${says} after ${JSON.stringify(text)} was written (${reason})`,
    );
  }
  log.info('written', { path, text, reason });
}

function proves({ proof, text }: WriteStep, found: string): boolean {
  switch (proof) {
    case 'same':
      return found === text;
    case 'services':
      return areSameServices(found, text);
    case 'at-least':
      return Number(found) >= Number(text);
  }
}

async function bind({ bdf, driver, from }: BindStep, { host, writer }: Hands): Promise<void> {
  await bindVf(writer, bdf, driver, from);
  const found = await host.linkName(`${pciDevices}/${bdf}/driver`);
  if (found === driver) return;
  throw new DevicePluginError('HOST_UNWRITABLE', `${bdf} is bound to ${found ?? 'no driver'} and not to ${driver}`);
}

function remedyOf(step: Step, error: unknown, { aborted }: AbortSignal): string {
  if (aborted) return 'the kernel may still do it';
  if (['EROFS', 'EACCES', 'EPERM'].some((code) => wasCausedBy(error, code)))
    return 'qat-init has to run privileged, with /sys of the host mounted writable';
  if (step.kind === 'write') return `${step.reason}: ${step.hint}`;
  return 'its IOMMU group may be used by another driver; before Gen4 vfio-pci needs disable_denylist=1; see dmesg for vfio';
}

function wasCausedBy(error: unknown, code: string): boolean {
  return (
    isErrno(error, code) || (error instanceof Error && error.cause !== undefined && wasCausedBy(error.cause, code))
  );
}
