// SPDX-License-Identifier: Apache-2.0

/** What the name of a resource says. */
export interface NamedIds {
  readonly interfaceId: string;
  /** Undefined: a region, whatever is loaded. */
  readonly afuId?: string;
}

/** The resource of a region: `region-<interface id>`. */
export function regionResource(interfaceId: string): string {
  return `region-${interfaceId}`;
}

/**
 * The resource of a function in a region, `af-<3 digits>.<3 digits>.<base64url of both ids>`: 54 characters for ids of 32 digits,
 * for all of both in hexadecimal would be more than the 63 that a name may have.
 * Upstream: pkg/fpga, GetAfuDevType().
 *
 * @param interfaceId - and `afuId`: {@link isFpgaId} holds for both.
 */
export function afResource(interfaceId: string, afuId: string): string {
  const both = Buffer.from(interfaceId + afuId, 'hex').toString('base64url');
  return `af-${interfaceId.slice(0, 3)}.${afuId.slice(0, 3)}.${both}`;
}

/** The ids in the name of a resource, without the namespace; undefined for any other name. Interface ids have 32 digits. */
export function parseResourceName(resource: string): NamedIds | undefined {
  const [, interfaceId = ''] = /^region-(.+)$/.exec(resource) ?? [];
  if (isFpgaId(interfaceId)) return { interfaceId };
  const [, encoded] = /^af-[\da-f]{3}\.[\da-f]{3}\.([\w-]+)$/.exec(resource) ?? [];
  const both = Buffer.from(encoded ?? '', 'base64url').toString('hex');
  const ids = { interfaceId: both.slice(0, idDigits), afuId: both.slice(idDigits) };
  // Other texts of base64url stand for the same bytes, and other digits may stand before it.
  const isName = isFpgaId(ids.afuId) && afResource(ids.interfaceId, ids.afuId) === resource;
  return isName ? ids : undefined;
}

/** Whether the text is an id: bytes in lower-case hexadecimal. */
export function isFpgaId(text: string): boolean {
  return /^(?:[\da-f]{2}){2,}$/.test(text);
}

/** Digits of a 128-bit id. */
const idDigits = 32;
