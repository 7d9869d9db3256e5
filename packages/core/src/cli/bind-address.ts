// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '../errors.ts';

/** Where a server listens. */
export interface BindAddress {
  /** Name or IP address; all addresses of the host when there is none. */
  readonly host?: string;
  /** 0: any free one. */
  readonly port: number;
}

/**
 * Reads `host:port`, `:port` or `[::1]:port`; `0` is nothing to listen on.
 *
 * @throws DevicePluginError `FLAG_INVALID`. Source: controller-runtime, metrics server, BindAddress.
 */
export function parseBindAddress(text: string): BindAddress | undefined {
  if (text === '0') return undefined;
  const [, host, ip6, port] = /^(?:([\w.-]*)|\[([\da-fA-F:.]+)\]):(\d{1,5})$/.exec(text) ?? [];
  if (port === undefined || Number(port) > maxPort)
    throw new DevicePluginError('FLAG_INVALID', 'must be host:port, :port, or 0 for none');
  const name = ip6 ?? host ?? '';
  return { ...(name !== '' && { host: name }), port: Number(port) };
}

/** `parseBindAddress` backwards. */
export function formatBindAddress(address: BindAddress | undefined): string {
  if (address === undefined) return '0';
  const { host = '', port } = address;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

const maxPort = 65_535;
