// SPDX-License-Identifier: Apache-2.0
import type { CommonOptions } from '../cli/common-flags.ts';
import { Host } from './host.ts';

/** A host for as long as a plugin runs. */
export interface HostLease<H extends Host = Host> extends AsyncDisposable {
  readonly host: H;
}

/**
 * The host that the common flags name: this one, one below `-prefix`, or that of the capture `-replay`, whose files go with the lease.
 *
 * @param create - makes it, below a root.
 * @throws DevicePluginError `CAPTURE_INVALID`
 */
export function hostOf(options: Pick<CommonOptions, 'prefix' | 'replay'>): Promise<HostLease>;
export function hostOf<H extends Host>(
  options: Pick<CommonOptions, 'prefix' | 'replay'>,
  create: (root: string) => H,
): Promise<HostLease<H>>;
export async function hostOf(
  { prefix, replay }: Pick<CommonOptions, 'prefix' | 'replay'>,
  create = (root: string): Host => new Host(root),
): Promise<HostLease> {
  if (replay === '') return { host: create(prefix === '' ? '/' : prefix), [Symbol.asyncDispose]: nothing };
  const { extractCapture } = await import('../capture/extract-capture.ts');
  const capture = await extractCapture(replay);
  return { host: create(capture.root), [Symbol.asyncDispose]: () => capture[Symbol.asyncDispose]() };
}

function nothing(): Promise<void> {
  return Promise.resolve();
}
