// SPDX-License-Identifier: Apache-2.0

/** What a GBS is to say of itself. */
export interface GbsContent {
  readonly interfaceId: string;
  readonly afuId: string;
  /** What the hardware would get; one byte without it. */
  readonly payload?: Buffer;
  /** The metadata in the place of the right ones: a text goes in as it is. */
  readonly metadata?: unknown;
}

/**
 * The bytes of a GBS file, a bitstream of Intel's FPGAs, with all the metadata that the tools of OPAE write.
 * Layout: 16 bytes of magic, length of the metadata (u32, little-endian), the metadata as JSON, the payload. Source: OPAE SDK.
 */
export function gbsFile({ interfaceId, afuId, payload = Buffer.alloc(1), metadata }: GbsContent): Buffer {
  const content = metadata ?? gbsMetadata(interfaceId, afuId);
  const json = Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  return Buffer.concat([Buffer.from('XeonFPGA\xb7GBSv001', 'latin1'), length, json, payload]);
}

function gbsMetadata(interfaceId: string, afuId: string): object {
  return {
    version: 1,
    'platform-name': 'DCP',
    'afu-image': {
      'interface-uuid': interfaceId,
      'magic-no': 488605312,
      power: 0,
      'clock-frequency-high': 'auto',
      'clock-frequency-low': 'auto',
      'afu-top-interface': {
        class: 'ccip_std_afu',
        'module-ports': [{ class: 'cci-p', params: { clock: 'pClk' } }],
      },
      'accelerator-clusters': [{ 'accelerator-type-uuid': afuId, name: 'nlb_400', 'total-contexts': 1 }],
    },
  };
}
