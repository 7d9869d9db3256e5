// SPDX-License-Identifier: Apache-2.0
import { html, type Html, type HtmlValue } from './html.ts';
import type { DeviceStatus, TransitionStatus } from './status.ts';
import { timeAgo } from './time-ago.ts';

/**
 * Devices as a table, of which a narrow screen makes cards. The roles say once more what the elements are,
 * for browsers forget that a table is one when it is not laid out as one.
 */
export function deviceTable(title: string, devices: readonly DeviceStatus[], madeAt: string): Html {
  const columns = columnsFor(devices, madeAt);
  return html`<table role="table" aria-label="${title}">
    <thead role="rowgroup">
      <tr role="row">
        <th role="columnheader" scope="col">Device</th>
        ${columns.map(({ title: name }) => html`<th role="columnheader" scope="col">${name}</th>`)}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${devices.map((device) => row(device, columns))}
    </tbody>
  </table>`;
}

interface Column {
  readonly title: string;
  readonly cell: (device: DeviceStatus) => HtmlValue;
}

/** A column in which nothing would be is left out. */
function columnsFor(devices: readonly DeviceStatus[], madeAt: string): Column[] {
  const columns: (Column & { readonly isEmpty?: (device: DeviceStatus) => boolean })[] = [
    { title: 'Reason', cell: ({ reason }) => reason, isEmpty: ({ reason }) => reason === undefined },
    { title: 'NUMA', cell: ({ numa }) => orDash(numa.join(', ')), isEmpty: ({ numa }) => numa.length === 0 },
    { title: 'Nodes', cell: ({ nodes }) => orDash(nodes.join(', ')), isEmpty: ({ nodes }) => nodes.length === 0 },
    { title: 'Used by', cell: usersText, isEmpty: ({ users }) => users === undefined },
    { title: 'Changes', cell: ({ history }) => changes(history, madeAt) },
  ];
  return columns.filter(({ isEmpty }) => isEmpty === undefined || !devices.every(isEmpty));
}

function row(device: DeviceStatus, columns: readonly Column[]): Html {
  const cells = columns.map(
    ({ title, cell }) => html`<td role="cell" data-label="${title}"><div>${cell(device)}</div></td>`,
  );
  return html`<tr role="row">
    <th role="rowheader" scope="row">${device.id}</th>
    ${cells}
  </tr> `;
}

function orDash(text: string): string {
  return text === '' ? '–' : text;
}

function usersText({ users = [] }: DeviceStatus): string {
  return users.map(({ namespace, pod, container }) => `${namespace}/${pod}, ${container}`).join('; ') || 'nobody';
}

function changes(history: readonly TransitionStatus[], madeAt: string): Html {
  const last = history.at(-1);
  if (last === undefined) return html`none`;
  return html`<details>
    <summary>${last.to} ${timeAgo(last.at, madeAt)}</summary>
    ${historyList(history, madeAt)}
  </details>`;
}

/** The last change first, for that is what somebody looks for. */
export function historyList(history: readonly TransitionStatus[], madeAt: string): Html {
  return html`<ol>
    ${history.toReversed().map(
      ({ to, at, reason }) =>
        html`<li>
          <time datetime="${at}">${at.slice(0, 10)} ${at.slice(11, 19)}</time>
          <span class="dim">(${timeAgo(at, madeAt)})</span>
          ${to}${reason === undefined ? undefined : html`: ${reason}`}
        </li>`,
    )}
  </ol>`;
}
