// SPDX-License-Identifier: Apache-2.0
import { gbsFile } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { bufferSource } from './byte-source.ts';
import { readGbs } from './gbs.ts';

const interfaceId = '69528db6-eb31-577a-8c36-68f9faa081f6';
const afuId = 'D8424DC4-A4A3-C413-F89E-433683F9040B';
const cluster = { 'accelerator-type-uuid': afuId };

function read(bytes: Buffer) {
  return readGbs(bufferSource(bytes));
}
const withMetadata = (metadata: unknown) => gbsFile({ interfaceId, afuId, metadata });
const withLength = (length: number) => {
  const bytes = gbsFile({ interfaceId, afuId });
  bytes.writeUInt32LE(length, 16);
  return bytes;
};

describe('readGbs()', () => {
  it('reads ids without dashes in lower case, and the payload', async () => {
    const { metadata, payload } = await read(gbsFile({ interfaceId, afuId, payload: Buffer.from('raw') }));
    expect(metadata).toEqual({
      interfaceId: '69528db6eb31577a8c3668f9faa081f6',
      afuId: 'd8424dc4a4a3c413f89e433683f9040b',
    });
    expect((await payload.read(0, payload.size)).toString()).toBe('raw');
  });

  it('begins with the bytes that OPAE writes', () => {
    expect(gbsFile({ interfaceId, afuId }).toString('hex', 0, 16)).toBe('58656f6e46504741b747425376303031');
  });

  it('takes zeros behind the JSON', async () => {
    const text = JSON.stringify({ 'afu-image': { 'interface-uuid': interfaceId, 'accelerator-clusters': [cluster] } });
    expect((await read(withMetadata(`${text}\0\0\0`))).payload.size).toBe(1);
  });

  it('refuses a payload that is too large for the memory of a node', async () => {
    const source = { ...bufferSource(gbsFile({ interfaceId, afuId })), size: 2 * 1024 ** 3 };
    await expect(readGbs(source)).rejects.toThrow('its payload has more than 1073741824 bytes');
  });

  it.each([
    ['no bytes', Buffer.alloc(0), 'it is cut off: 20 bytes should follow at 0, and it has 0 bytes'],
    ['one byte', Buffer.alloc(1), 'it is cut off: 20 bytes should follow at 0, and it has 1 bytes'],
    ['another magic', Buffer.alloc(100), 'it does not begin with the magic of a GBS'],
    ['no metadata', withLength(0), 'its metadata should have 1 to 4095 bytes, not 0'],
    ['4096 bytes of metadata', withLength(4096), 'its metadata should have 1 to 4095 bytes, not 4096'],
    ['metadata past its end', withLength(4095), /^it is cut off: 4095 bytes should follow at 20/],
    [
      'no payload',
      gbsFile({ interfaceId, afuId, payload: Buffer.alloc(0) }),
      'it is cut off: nothing follows its metadata',
    ],
    ['metadata cut short', withLength(5), 'its metadata is not JSON'],
    ['metadata that are a list', withMetadata([1]), 'its metadata has no afu-image'],
    ['metadata that are null', withMetadata('null'), 'its metadata has no afu-image'],
    ['no clusters', withMetadata({ 'afu-image': {} }), 'its metadata has no accelerator-clusters'],
    ...[[], [cluster, cluster], {}].map(
      (clusters) =>
        [
          `clusters ${JSON.stringify(clusters)}`,
          withMetadata({ 'afu-image': { 'accelerator-clusters': clusters, 'interface-uuid': interfaceId } }),
          'afu-image.accelerator-clusters should have exactly one entry',
        ] as const,
    ),
    ...['../../etc/passwd', '', 'xyz', 7, null, 'a'.repeat(41)].map(
      (id) =>
        [
          `interface id ${JSON.stringify(id)}`,
          withMetadata({ 'afu-image': { 'accelerator-clusters': [cluster], 'interface-uuid': id } }),
          'interface-uuid of its metadata is no id of hexadecimal digits',
        ] as const,
    ),
  ] as const)('refuses %s', async (_, bytes, message) => {
    await expect(read(bytes)).rejects.toMatchObject({
      code: 'BITSTREAM_INVALID',
      message: typeof message === 'string' ? message : (expect.stringMatching(message) as unknown),
    });
  });
});
