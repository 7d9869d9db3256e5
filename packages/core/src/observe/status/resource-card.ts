// SPDX-License-Identifier: Apache-2.0
import { deviceTable, historyList } from './device-table.ts';
import { html, type Html } from './html.ts';
import { pageAddress } from './page-address.ts';
import type { DeviceStatus, Outcomes, ResourceStatus } from './status.ts';

/** One resource on the status page: numbers, then what is wrong, then everything else, folded where it is long. */
export function resourceCard(resource: ResourceStatus, madeAt: string, refreshS: number | undefined): Html {
  const { name, problem, devices, unhealthyCount } = resource;
  const bad = devices.filter(({ health }) => health === 'Unhealthy');
  const good = devices.filter(({ health }) => health === 'Healthy');
  return html`<section class="card" aria-label="${name}">
    <h3>
      ${name}
      ${
        problem === undefined
          ? html`<span class="badge good">ready</span>`
          : html`<span class="badge bad">not ready</span>`
      }
    </h3>
    ${problem === undefined ? undefined : html`<p class="problem bad">${sentence(problem)}</p>`} ${numbers(resource)}
    ${
      bad.length === 0
        ? undefined
        : html`<h4>${unhealthyCount} unhealthy</h4>
            ${deviceTable('Unhealthy devices', bad, madeAt)}`
    }
    ${healthyGroup(good, resource, madeAt)} ${pages(resource, refreshS)} ${leftOutGroup(resource)}
    ${goneGroup(resource, madeAt)}
  </section>`;
}

/** A reason is the end of a log line. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function numbers({ deviceCount, unhealthyCount, registrations, allocations }: ResourceStatus): Html {
  const rows: readonly (readonly [string, string | number])[] = [
    ['Devices', deviceCount],
    ['Healthy', deviceCount - unhealthyCount],
    ['Unhealthy', unhealthyCount],
    ['Allocations', outcomeText(allocations)],
    ['Registrations', outcomeText(registrations)],
  ];
  return html`<dl>
    ${rows.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

function outcomeText({ ok, error }: Outcomes): string {
  return error === 0 ? String(ok) : `${ok}, and ${error} failed`;
}

function healthyGroup(
  devices: readonly DeviceStatus[],
  { deviceCount, unhealthyCount, page }: ResourceStatus,
  madeAt: string,
): Html | undefined {
  if (devices.length === 0) return undefined;
  const title = `${deviceCount - unhealthyCount} healthy`;
  const table = deviceTable('Healthy devices', devices, madeAt);
  return folded(title, table, page !== undefined || devices.length <= shownOpen);
}

/** More than this would push the next resource out of sight; a page of one resource has no next one. */
const shownOpen = 16;

function folded(title: string, content: Html, isOpen = false): Html {
  return isOpen
    ? html`<details class="group" open>
        <summary>${title}</summary>
        ${content}
      </details>`
    : html`<details class="group">
        <summary>${title}</summary>
        ${content}
      </details>`;
}

function pages(
  { name, devices, deviceCount, page, pageCount }: ResourceStatus,
  refreshS: number | undefined,
): Html | undefined {
  if (devices.length === deviceCount) return undefined;
  const link = (number: number, text: string): Html =>
    html`<li><a href="${pageAddress({ resource: name, page: number, refresh: refreshS })}">${text}</a></li>`;
  const which = page === undefined ? 'this page shows' : `page ${page} of ${pageCount} shows`;
  return html`<p>Of ${deviceCount} devices ${which} ${devices.length}, the unhealthy ones first.</p>
    <nav aria-label="Devices of ${name}">
      <ul>
        ${page === undefined ? link(1, 'All of them, page by page') : undefined}
        ${page !== undefined && page > 1 ? link(page - 1, 'Page before') : undefined}
        ${page !== undefined && page < pageCount ? link(page + 1, 'Next page') : undefined}
      </ul>
    </nav>`;
}

function leftOutGroup({ leftOut, leftOutCount }: ResourceStatus): Html | undefined {
  if (leftOutCount === 0) return undefined;
  const more = leftOutCount - leftOut.length;
  const rows = leftOut.map(({ id, reason }) => html`<li><strong>${id}</strong>: ${reason}</li>`);
  const content = html`<ol>
      ${rows}
    </ol>
    ${more === 0 ? undefined : html`<p>And ${more} more.</p>`}`;
  return folded(`${leftOutCount} left out`, content, leftOutCount <= shownOpen);
}

function goneGroup({ gone }: ResourceStatus, madeAt: string): Html | undefined {
  if (gone.length === 0) return undefined;
  const rows = gone.map(({ id, history }) => html`<li><strong>${id}</strong>${historyList(history, madeAt)}</li>`);
  return folded(
    `${gone.length} removed within the last hour`,
    html`<ol>
      ${rows}
    </ol>`,
  );
}
