// SPDX-License-Identifier: Apache-2.0
import type { Board } from './board.ts';
import { containerLines } from './container-lines.ts';
import { DemoPods } from './demo-pods.ts';
import { headingLine } from './heading.ts';
import { deviceKinds } from './host-devices.ts';
import type { Output } from './output.ts';
import { simulatedResource } from './plugin-config.ts';
import { printable } from '@kube-device-plugins/terminal';
import type { Session } from './session.ts';
import { StartError } from './start-error.ts';
import { tableLines } from './table.ts';
import { listLimitMs, untilListed } from './until-listed.ts';
import { within } from './within.ts';

/**
 * Allocates one device, a real one where the host has any, and prints the table and what the container gets.
 *
 * @throws StartError when the devices are not listed in time, or none is free.
 */
export async function runOnce(
  session: Session,
  { write, columns, paint, notices }: Output,
  signal: AbortSignal,
): Promise<void> {
  const { board, kubelet, resources } = session;
  if (kubelet === undefined) throw new StartError('only the embedded kubelet can be asked for a device');
  const limitMs = listLimitMs(session);
  await untilListed(session, limitMs, signal);
  const late = (): string => `the plugin did not answer Allocate in ${limitMs / 1000} s`;
  const pod = await within(new DemoPods(kubelet, board, resources).create(), limitMs, late, signal);
  if (pod === undefined)
    throw new StartError(
      [`no device to give: ${board.rows.length} listed, none of them healthy and free`, ...warningsOf(board)].join(
        '\n  ',
      ),
    );
  write([
    headingLine(session),
    ...notices,
    '',
    ...tableLines(board.rows, columns, paint),
    '',
    ...(resources.length > 0 && pod.resource === simulatedResource ? [nothingReal] : []),
    paint('bold', `Container main of pod ${pod.name} got ${pod.resource} ${pod.ids.join(' ')}:`),
    ...containerLines(pod.container),
    ...warningsOf(board).map((text, index) => (index === 0 ? '\n' : '') + paint('red', text)),
  ]);
}

function warningsOf({ warnings }: Board): string[] {
  return warnings.map(({ text }) => printable(text));
}

const nothingReal = `This host has no healthy device of those looked for (${deviceKinds.map(({ pattern }) => pattern).join(', ')}): this one is simulated.`;
