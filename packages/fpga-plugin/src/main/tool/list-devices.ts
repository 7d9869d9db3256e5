// SPDX-License-Identifier: Apache-2.0
import { presentFpgas } from './find-device.ts';
import type { ToolContext } from './tool-context.ts';

/** Prints the names of management engines, of ports, or of both, with their numbers unless -q; warns of what is left out. */
export async function listDevices(context: ToolContext, which: readonly ('fmes' | 'ports')[]): Promise<void> {
  const fpgas = await presentFpgas(context.access.host);
  for (const kind of which) {
    const names = fpgas[kind].map(({ name }) => name);
    const heading = `Detected FPGA ${kind === 'fmes' ? 'FMEs' : 'Ports'}: ${names.length}`;
    context.print([...(context.flags.q ? [] : [heading]), ...names].map((line) => `${line}\n`).join(''));
  }
  fpgas.remarks.forEach(context.warn);
}
