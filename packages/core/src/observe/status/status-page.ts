// SPDX-License-Identifier: Apache-2.0
import { Html, html } from './html.ts';
import { pageAddress } from './page-address.ts';
import { resourceCard, sentence } from './resource-card.ts';
import type { PluginStatus, Status } from './status.ts';
import { statusStyle } from './status-style.ts';
import { timeAgo } from './time-ago.ts';

/** What of the address the links of the page keep. */
export interface PageQuery {
  readonly resource: string | undefined;
  /** Seconds after which the browser asks again. */
  readonly refreshS: number | undefined;
}

/** The status for people: one document, without scripts and without anything that is loaded besides. */
export function statusPage(status: Status, query: PageQuery): string {
  const { program, ready } = status;
  const refresh =
    query.refreshS === undefined ? undefined : html`<meta http-equiv="refresh" content="${query.refreshS}" />`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        ${refresh}
        <title>${ready ? 'ready' : 'not ready'}: ${program}</title>
        ${style}
      </head>
      <body>
        <header>
          <h1>${program} ${badge(ready)}</h1>
          <p class="dim">Version ${status.version}, started ${time(status.startedAt, status)}.</p>
          ${links(query)}
        </header>
        <main>${parts(status, query)}</main>
        <footer>
          ${status.usersUnknown === undefined ? undefined : html`<p>Which pods use the devices is not shown: ${status.usersUnknown}.</p>`}
          <p>
            As of <time datetime="${status.madeAt}">${clockText(status.madeAt)}</time>. The last changes of a device are
            kept, at most 20, and those of one that is gone for an hour.
          </p>
        </footer>
      </body>
    </html> `.markup;
}

/** Byte by byte what the content security policy has the hash of. */
const style = new Html(`<style>${statusStyle}</style>`);

function badge(ready: boolean): Html {
  return ready ? html`<span class="badge good">ready</span>` : html`<span class="badge bad">not ready</span>`;
}

/** `2026-11-21 21:07:17 UTC` */
function clockText(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`;
}

function time(at: string, { madeAt }: Status): Html {
  return html`<time datetime="${at}" title="${clockText(at)}">${timeAgo(at, madeAt)}</time>`;
}

function links({ resource, refreshS }: PageQuery): Html {
  return html`<nav aria-label="Pages">
    <ul>
      ${resource === undefined ? undefined : html`<li><a href="${pageAddress({ refresh: refreshS })}">All resources</a></li>`}
      <li>
        ${
          refreshS === undefined
            ? html`<a href="${pageAddress({ resource, refresh: 5 })}">Refresh every 5 s</a>`
            : html`<a href="${pageAddress({ resource })}">Stop refreshing</a>`
        }
      </li>
      <li><a href="status.json${pageAddress({ resource })}">JSON</a></li>
      <li><a href="metrics">Metrics</a></li>
      <li><a href="readyz">Readiness</a></li>
    </ul>
  </nav>`;
}

/** A resource that was asked for is of one plugin, and the others have nothing to say of it. */
function parts(status: Status, query: PageQuery): Html | Html[] {
  const { plugins } = status;
  const { resource } = query;
  const shown = resource === undefined ? plugins : plugins.filter(({ resources }) => resources.length > 0);
  if (shown.length === 0) return html`<p class="card">There is no resource ${resource}.</p>`;
  return shown.map((plugin) => pluginPart(plugin, status, query, plugins.length > 1));
}

function pluginPart(plugin: PluginStatus, status: Status, query: PageQuery, isOneOfSeveral: boolean): Html {
  const { name, ready, lastScan, resources } = plugin;
  const problems = ownProblems(plugin);
  const isEmpty = resources.length === 0 && problems.length === 0;
  return html`<section aria-label="${name}">
    <h2>${isOneOfSeveral ? html`${name} ${badge(ready)}` : 'Resources'}</h2>
    ${lastScan === undefined ? undefined : html`<p class="dim">Last scan for devices ${time(lastScan.at, status)}.</p>`}
    ${problems.map((problem) => html`<p class="problem bad">${sentence(problem)}</p>`)}
    ${isEmpty ? html`<p class="card">No devices were found.</p>` : undefined}
    ${resources.map((resource) => resourceCard(resource, status.madeAt, query.refreshS))}
  </section>`;
}

/** What is not ready, but for the resources, of which each has its problem on its card. */
function ownProblems({ name, lines, resources }: PluginStatus): string[] {
  return lines
    .filter((line) => !line.startsWith('ok ') && !resources.some((resource) => line.includes(` ${resource.name} (`)))
    .map((line) => line.replace(/^not ready /, ''))
    .map((line) => (line.startsWith(`${name} `) ? line.slice(name.length + 1) : line));
}
