// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { cdiDevices, fpgaDevice } from '../../test/support/cdi-device.ts';
import { cdiDeviceName, cdiFileName, cdiSpecText, type CdiDevice } from './spec.ts';

describe('cdiDeviceName()', () => {
  it('joins kind and name', () => {
    expect(cdiDeviceName(fpgaDevice())).toBe('intel.cdi.k8s.io/fpga=intel-fpga-fme.0');
  });
});

describe('cdiFileName()', () => {
  it.each([
    ['intel.cdi.k8s.io/fpga', 'intel-fpga-fme.0', 'intel.cdi.k8s.io-fpga-intel-fpga-fme.0.yaml'],
    ['intel.com/gpu', '0000:00:02.0', 'intel.com-gpu-0000%3a00%3a02.0.yaml'],
    ['my-corp.com/gpu', 'card0', 'my%2dcorp.com-gpu-card0.yaml'],
    ['a/b', 'c-d', 'a-b-c-d.yaml'],
    ['a/b-c', 'd', 'a-b%2dc-d.yaml'],
    ['a/b', '../../etc/passwd', 'a-b-..%2f..%2fetc%2fpasswd.yaml'],
  ])('of %s=%s is %s', (kind, name, expected) => {
    expect(cdiFileName({ kind, name, containerEdits: {} })).toBe(expected);
  });

  it('is another one for each device', () => {
    fc.assert(
      fc.property(cdiDevices, cdiDevices, (a, b) => {
        expect(cdiFileName(a) === cdiFileName(b)).toBe(cdiDeviceName(a) === cdiDeviceName(b));
      }),
      { numRuns: 2_000 },
    );
  });

  it('leads nowhere else and is not hidden', () => {
    fc.assert(
      fc.property(cdiDevices, fc.string(), (device, name) => {
        expect(cdiFileName(device)).toMatch(/^[a-z][\w.%-]*\.yaml$/);
        expect(cdiFileName({ ...device, name })).not.toContain('/');
      }),
    );
  });
});

describe('cdiSpecText()', () => {
  it('has the keys in the order of upstream', () => {
    expect(cdiSpecText(fpgaDevice())).toBe(`---
cdiVersion: "0.5.0"
kind: "intel.cdi.k8s.io/fpga"
devices:
  - name: "intel-fpga-fme.0"
    containerEdits:
      env:
        - "FPGA=1"
      deviceNodes:
        - path: "/dev/intel-fpga-fme.0"
          hostPath: "/host/dev/intel-fpga-fme.0"
          fileMode: 432
          permissions: "rw"
          uid: 0
      hooks:
        - hookName: "createRuntime"
          path: "/opt/intel/fpga-sw/fpga_crihook"
          args:
            - "fpga_crihook"
          timeout: 30
      mounts:
        - hostPath: "/opt/opae"
          containerPath: "/opt/opae"
          type: "none"
          options:
            - "ro"
            - "bind"
`);
  });

  it.each(['1.1', '1.2'] as const)('is read back by YAML %s', (version) => {
    fc.assert(
      fc.property(cdiDevices, (device) => {
        expect(parse(cdiSpecText(device), { version })).toEqual({
          cdiVersion: '0.5.0',
          kind: device.kind,
          devices: [{ name: device.name, containerEdits: withoutEmptyLists(device.containerEdits) }],
        });
      }),
    );
  });

  it.each([
    'yes',
    '~',
    '012',
    '1:30',
    '2001-01-01',
    'a: b',
    '- a',
    '"',
    "'",
    '\\',
    '\n',
    '\u0085',
    '\u2028',
    '\ufeff',
    '😀',
  ])('keeps the text %j', (value) => {
    const text = cdiSpecText({ kind: 'a/b', name: 'c', containerEdits: { env: [`A=${value}`] } });
    for (const version of ['1.1', '1.2'] as const) {
      expect(parse(text, { version })).toMatchObject({ devices: [{ containerEdits: { env: [`A=${value}`] } }] });
    }
    expect(text).not.toMatch(/[\u0085\u2028\ufeff]/);
  });

  it('leaves out what CDI does not have, as runtimes reject files with unknown fields', () => {
    const node = { path: '/dev/a', comment: 'mine' };
    expect(cdiSpecText({ kind: 'a/b', name: 'c', containerEdits: { deviceNodes: [node] } })).not.toContain('comment');
  });

  it.each<[problem: string, device: Partial<CdiDevice>]>([
    ['the kind "a" is not vendor/class', { kind: 'a' }],
    ['the kind "a/b/c" is not vendor/class', { kind: 'a/b/c' }],
    ['the vendor "" has to', { kind: '/b' }],
    ['the vendor "1a" has to', { kind: '1a/b' }],
    ['the vendor "a." has to', { kind: 'a./b' }],
    ['the class "b.c" has to', { kind: 'a/b.c' }],
    ['the class "b-" has to', { kind: 'a/b-' }],
    ['the name "" has to', { name: '' }],
    ['the name ".a" has to', { name: '.a' }],
    ['the name "a/b" has to', { name: 'a/b' }],
    ['the name "a\\n" has to', { name: 'a\n' }],
    ['too long for a file name of 255 bytes', { name: 'a'.repeat(250) }],
    ['there are no container edits', { containerEdits: {} }],
    ['there are no container edits', { containerEdits: { env: [], mounts: [] } }],
    ['"A" is not KEY=value', { containerEdits: { env: ['A'] } }],
    ['"=A" is not KEY=value', { containerEdits: { env: ['=A'] } }],
    ['"A=\\u0000" is not KEY=value', { containerEdits: { env: ['A=\0'] } }],
    ['"A=\\ud800" is not KEY=value', { containerEdits: { env: ['A=\ud800'] } }],
    ['the path "" of a device node is not absolute', { containerEdits: { deviceNodes: [{ path: '' }] } }],
    ['the path "dev" of a device node', { containerEdits: { deviceNodes: [{ path: '/dev', hostPath: 'dev' }] } }],
    ['unknown type "x"', { containerEdits: { deviceNodes: [{ path: '/dev', type: 'x' as 'c' }] } }],
    ['permissions "rwx"', { containerEdits: { deviceNodes: [{ path: '/dev', permissions: 'rwx' }] } }],
    ['a major of -1', { containerEdits: { deviceNodes: [{ path: '/dev', major: -1 }] } }],
    ['a minor of 1.5', { containerEdits: { deviceNodes: [{ path: '/dev', minor: 1.5 }] } }],
    ['a fileMode of NaN', { containerEdits: { deviceNodes: [{ path: '/dev', fileMode: NaN }] } }],
    ['a uid of 4294967296', { containerEdits: { deviceNodes: [{ path: '/dev', uid: 2 ** 32 }] } }],
    ['the hook "start" is none of', { containerEdits: { hooks: [{ hookName: 'start' as 'prestart', path: '/a' }] } }],
    ['the path "" of a hook', { containerEdits: { hooks: [{ hookName: 'prestart', path: '' }] } }],
    ['the argument "\\u0000"', { containerEdits: { hooks: [{ hookName: 'prestart', path: '/a', args: ['\0'] }] } }],
    ['"A" is not KEY=value', { containerEdits: { hooks: [{ hookName: 'prestart', path: '/a', env: ['A'] }] } }],
    ['a timeout of 0 s', { containerEdits: { hooks: [{ hookName: 'prestart', path: '/a', timeout: 0 }] } }],
    ['a timeout of 0.5 s', { containerEdits: { hooks: [{ hookName: 'prestart', path: '/a', timeout: 0.5 }] } }],
    ['the host path "" of a mount', { containerEdits: { mounts: [{ hostPath: '', containerPath: '/a' }] } }],
    ['the path "a" of a mount', { containerEdits: { mounts: [{ hostPath: '/a', containerPath: 'a' }] } }],
    [
      'the option "\\u0000"',
      { containerEdits: { mounts: [{ hostPath: '/a', containerPath: '/a', options: ['\0'] }] } },
    ],
  ])('throws because %s', (problem, device) => {
    expect(() => cdiSpecText({ ...fpgaDevice(), ...device })).toThrow(
      expect.objectContaining({ code: 'CDI_SPEC_INVALID', message: expect.stringContaining(problem) as string }),
    );
  });

  it('names the device and all its problems', () => {
    expect(() => cdiSpecText({ kind: 'a', name: '', containerEdits: {} })).toThrow(
      /^CDI device "a=": .*kind.*; .*name.*; .*edits/,
    );
  });
});

/** What is empty is left out of the file. */
function withoutEmptyLists(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmptyLists);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, item]) => !(Array.isArray(item) && item.length === 0));
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutEmptyLists(item)]));
}
