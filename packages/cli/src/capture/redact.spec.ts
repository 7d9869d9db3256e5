// SPDX-License-Identifier: Apache-2.0
import type { CaptureEntry } from '@kube-device-plugins/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redact } from './redact.ts';

const [mac, uuid, serial] = ['3c:fd:fe:9e:7a:10', 'a9d64a0f-34f2-4c1e-9d0f-2a6a1c8a0b11', 'A50285BI'];

function file(text: string): CaptureEntry {
  return { kind: 'file', text };
}

function redactText(
  text: string,
  others: Readonly<Record<string, string>> = {},
  hostName = 'worker-7.example.com',
): string {
  const entries = Object.entries({ 'sys/text': text, ...others }).map(([path, each]) => [path, file(each)] as const);
  return (redact(new Map(entries), [hostName]).entries.get('sys/text') as { text: string }).text;
}

describe('redact()', () => {
  it.each([
    [`link ${mac} up`, 'link 00:00:00:00:00:01 up'],
    [`${mac.toUpperCase()} and ${mac}`, '00:00:00:00:00:01 and 00:00:00:00:00:01'],
    ['80:00:02:08:fe:80:00:00:00:00:00:00:0c:42:a1:03:00:1d:12:34', `${'00:'.repeat(19)}01`],
    ['INTERFACE=enx3cfdfe9e7a10', 'INTERFACE=enx000000000001'],
    [
      `${uuid} ${uuid.replace('a9', 'b9')}`,
      '00000000-0000-0000-0000-000000000001 00000000-0000-0000-0000-000000000002',
    ],
    ['wwn-0x5002538e40b2a7f1 naa.5002538e40b2a7f1', 'wwn-0x0000000000000001 naa.0000000000000001'],
    ['on worker-7: worker-70 myworker-7', 'on host1: worker-70 myworker-7'],
    ['worker-7-vg my-worker-7 worker-7_data', 'host1-vg my-host1 host1_data'],
    ['worker-7 is worker-7.example.com', 'host1 is host2'],
  ])('makes of %j %j', (text, expected) => {
    expect(redactText(text)).toBe(expected);
  });

  it.each([
    '0000:6b:00.1',
    '226:128',
    'c 226:128',
    '00:00:00:00:00:00',
    '00000000-0000-0000-0000-000000000000',
    'ce48969398f05f33946d560708be108a',
    '0x8086',
    'MODALIAS=pci:v00008086d000056C0sv00008086sd00004905bc03sc80i00',
  ])('leaves %s as it is', (text) => {
    expect(redactText(text)).toBe(text);
  });

  it('replaces what a file named after a serial number has, wherever it is', () => {
    const entries = new Map<string, CaptureEntry>([
      ['sys/devices/usb1/serial', file(`${serial}\n`)],
      [`dev/serial/by-id/usb-FTDI_${serial}-if00`, { kind: 'link', target: '../../ttyUSB0' }],
      ['dev/other', { kind: 'link', target: `serial/by-id/usb-FTDI_${serial}-if00` }],
      ['sys/x', { kind: 'directory' }],
      ['sys/text', file(`it is ${serial}, not ${serial}X`)],
    ]);
    const redacted = redact(entries, []);
    expect([...redacted.entries]).toEqual([
      ['sys/devices/usb1/serial', file('redacted1\n')],
      ['dev/serial/by-id/usb-FTDI_redacted1-if00', { kind: 'link', target: '../../ttyUSB0' }],
      ['dev/other', { kind: 'link', target: 'serial/by-id/usb-FTDI_redacted1-if00' }],
      ['sys/x', { kind: 'directory' }],
      ['sys/text', file(`it is redacted1, not ${serial}X`)],
    ]);
    expect(redacted.redactText(`-id=${serial}`)).toBe('-id=redacted1');
    expect([...redacted.counts()]).toEqual([['serial number', 1]]);
  });

  it.each([
    'serial',
    'serial_number',
    'board_serial',
    'product_uuid',
    'unique_id',
    'wwid',
    'node_guid',
    'SerialNo',
    'serial_num',
  ])('takes all of a file named %s for a secret, however short', (name) => {
    const { entries } = redact(new Map([[`sys/${name}`, file('0042\n')]]), []);
    expect(entries.get(`sys/${name}`)).toEqual(file('redacted1\n'));
  });

  it('does not look for short serial numbers in other places, nor for none', () => {
    expect(redactText('0042 and 0000000', { 'sys/a/serial': '0042\n', 'sys/b/serial': '0000000\n' })).toBe(
      '0042 and 0000000',
    );
  });

  it.each([
    [
      'dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A502-if00-port0',
      'dev/serial/by-id/usb-FTDI_FT232R_USB_UART_redacted1-if00-port0',
    ],
    ['dev/disk/by-id/ata-INTEL_SSDSC2BB480G7_PHDV7-part1', 'dev/disk/by-id/ata-INTEL_SSDSC2BB480G7_redacted1-part1'],
    ['dev/input/by-id/usb-Logitech_Receiver-event-mouse', 'dev/input/by-id/usb-Logitech_Receiver-event-mouse'],
  ])('makes of the name %s %s, though no file tells the serial number', (name, expected) => {
    expect([...redact(new Map([[name, file('')]]), []).entries.keys()]).toEqual([expected]);
  });

  it.each([
    [
      `-device={ usb: [{ vendor: "0403", serial: "${serial}" }] }`,
      '-device={ usb: [{ vendor: "0403", serial: "redacted1" }] }',
    ],
    ["-device={usb: [{serial: '0042'}]}", "-device={usb: [{serial: 'redacted1'}]}"],
    ['-serial=0042', '-serial=redacted1'],
    [`{ path: '/dev/serial/by-id/usb-FTDI_${serial}-if00' }`, "{ path: '/dev/serial/by-id/usb-FTDI_redacted1-if00' }"],
    [`/dev/disk/by-uuid/1A2B-3C4D`, '/dev/disk/by-uuid/redacted1'],
    ["{ path: '/dev/serial/by-id/usb-FTDI_FT232R*' }", "{ path: '/dev/serial/by-id/usb-FTDI_FT232R*' }"],
    ['/sys/bus/pci/devices/0000:6b:00.1/serial', '/sys/bus/pci/devices/0000:6b:00.1/serial'],
  ])('makes of the flag or path %s, of which nothing is in the tree, %s', (text, expected) => {
    expect(redact(new Map(), [], [text]).redactText(text)).toBe(expected);
  });

  it('has one replacement for what flags ask for and a file has', () => {
    const tree = new Map([['sys/devices/usb1/serial', file('0042\n')]]);
    const { entries, redactText } = redact(tree, [], ['serial: 0042']);
    expect(entries.get('sys/devices/usb1/serial')).toEqual(file('redacted1\n'));
    expect(redactText('serial: 0042')).toBe('serial: redacted1');
  });

  it('counts different values by kind', () => {
    const { counts } = redact(new Map([['sys/a', file(`${mac} ${mac} ${uuid} worker-7`)]]), ['worker-7']);
    expect(Object.fromEntries(counts())).toEqual({ 'MAC address': 1, UUID: 1, 'host name': 1 });
  });

  it('leaves no serial number in a tree, and as many paths as there were', () => {
    const word = fc.stringMatching(/^[A-Z0-9+*.$()-]{6,12}$/).filter((text) => !/^0*$/.test(text));
    const name = fc.tuple(fc.constantFrom('a_', '', 'x-'), word, fc.constantFrom('', '.1', '-if00'));
    fc.assert(
      fc.property(fc.uniqueArray(word, { minLength: 1, maxLength: 4 }), fc.array(name), (serials, names) => {
        const tree = new Map<string, CaptureEntry>();
        for (const [index, each] of serials.entries()) tree.set(`sys/${index}/serial`, file(each));
        for (const each of serials)
          for (const [before, , after] of names) tree.set(`dev/${before}${each}${after}`, file(each));
        const { entries } = redact(tree, []);
        expect(entries.size).toBe(tree.size);
        for (const each of serials) expect([...entries.values()]).not.toContainEqual(file(each));
      }),
    );
  });
});
