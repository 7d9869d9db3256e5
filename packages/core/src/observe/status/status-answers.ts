// SPDX-License-Identifier: Apache-2.0
// Loaded when somebody asks for the first time: a plugin that nobody looks at need not have it.
import { createHash } from 'node:crypto';
import { isMissing, messageOf } from '../../errors.ts';
import { readDeviceUsers, type DeviceUsers } from '../../rpc/device-users.ts';
import { makeStatus, type StatusSources } from './make-status.ts';
import { statusPage } from './status-page.ts';
import { statusStyle } from './status-style.ts';

/** What the status page is made from. */
export interface StatusPageSources extends StatusSources {
  /** Where the kubelet says which pods use which devices. */
  readonly podResourcesSocket: string;
}

/** Answers `/` and `/status.json`. */
export class StatusAnswers {
  readonly #sources: StatusPageSources;
  readonly #signal: AbortSignal;
  #users: { readonly at: number; readonly reading: Promise<DeviceUsers | string> } | undefined;

  constructor(sources: StatusPageSources, signal: AbortSignal) {
    this.#sources = sources;
    this.#signal = signal;
  }

  /** @param url - as it comes with a request. */
  async json(url: string): Promise<StatusAnswer> {
    const status = await this.#status(parseStatusQuery(url));
    return { text: `${JSON.stringify(status)}\n`, contentType: 'application/json; charset=utf-8', headers: {} };
  }

  async page(url: string): Promise<StatusAnswer> {
    const query = parseStatusQuery(url);
    return {
      text: statusPage(await this.#status(query), query),
      contentType: 'text/html; charset=utf-8',
      headers: { 'content-security-policy': contentSecurityPolicy, 'referrer-policy': 'no-referrer' },
    };
  }

  async #status(query: StatusPageQuery): Promise<ReturnType<typeof makeStatus>> {
    const users = await this.#readUsers();
    return makeStatus(this.#sources, query, users, { monotonicMs: performance.now(), unixMs: Date.now() });
  }

  /** The kubelet lets everybody together ask a hundred times a second. */
  #readUsers(): Promise<DeviceUsers | string> {
    const at = performance.now();
    if (this.#users === undefined || at - this.#users.at > usersFreshMs)
      this.#users = { at, reading: readUsers(this.#sources.podResourcesSocket, this.#signal) };
    return this.#users.reading;
  }
}

/** One answer of these. */
export interface StatusAnswer {
  readonly text: string;
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
}

const usersFreshMs = 1_000;

async function readUsers(socketPath: string, signal: AbortSignal): Promise<DeviceUsers | string> {
  try {
    return await readDeviceUsers(socketPath, signal);
  } catch (error) {
    if (isMissing(error) || (error instanceof Error && isMissing(error.cause)))
      return `the kubelet's socket ${socketPath} is not here; it is mounted only where somebody wants that`;
    return messageOf(error);
  }
}

/** Nothing but the one style of the page; no script, no image, no frame, and nothing of any other host. */
const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(statusStyle).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** What the address says behind its `?`. */
export interface StatusPageQuery {
  readonly resource: string | undefined;
  readonly page: number;
  readonly refreshS: number | undefined;
}

/** Takes of an address what it understands: anything else is as if it were not there. */
export function parseStatusQuery(url: string): StatusPageQuery {
  const start = url.indexOf('?');
  const query = new URLSearchParams(start < 0 ? '' : url.slice(start));
  return {
    resource: query.get('resource') ?? undefined,
    page: wholeNumber(query.get('page'), 1_000_000) ?? 1,
    refreshS: wholeNumber(query.get('refresh'), 3_600),
  };
}

/** From 1 on. */
function wholeNumber(text: string | null, max: number): number | undefined {
  if (text === null || !/^[1-9]\d{0,6}$/.test(text)) return undefined;
  return Math.min(Number(text), max);
}
