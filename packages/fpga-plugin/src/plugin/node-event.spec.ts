// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '@kube-device-plugins/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseNodeEvent } from './node-event.ts';

const annotations = { 'fpga.intel.com/device-plugin-mode': 'region' };

describe('parseNodeEvent()', () => {
  it.each(['ADDED', 'MODIFIED'])('gives the annotations of %s', (type) => {
    expect(parseNodeEvent(JSON.stringify({ type, object: { metadata: { annotations } } }))).toEqual(annotations);
  });

  it('gives none of a node that has none, or is gone', () => {
    expect(parseNodeEvent('{"type":"ADDED","object":{"metadata":{}}}')).toEqual({});
    expect(parseNodeEvent(JSON.stringify({ type: 'DELETED', object: { metadata: { annotations } } }))).toEqual({});
  });

  it('has no news of a bookmark', () => {
    expect(parseNodeEvent('{"type":"BOOKMARK","object":{}}')).toBeUndefined();
  });

  it.each([
    ['{"type":"ERROR","object":{"message":"too old resource version"}}', /too old resource version/],
    ['{"type":"ERROR","object":{}}', /does not say why/],
    ['{"type":7}', /ends the watch/],
    ['null', /ends the watch/],
    ['{"type":', /no JSON/],
  ])('refuses %s', (line, message) => {
    expect(() => parseNodeEvent(line)).toThrow(expect.objectContaining({ code: 'RPC_FAILED' }));
    expect(() => parseNodeEvent(line)).toThrow(message);
  });

  it('throws nothing but an error of our own', () => {
    const type = fc.constantFrom('ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR');
    const event = fc.record({ type, object: fc.oneof(fc.jsonValue(), fc.record({ metadata: fc.jsonValue() })) });
    const line = fc.oneof(
      fc.string(),
      fc.json(),
      event.map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(line, (text) => {
        try {
          parseNodeEvent(text);
        } catch (error) {
          expect(error).toBeInstanceOf(DevicePluginError);
        }
      }),
    );
  });
});
