// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import type { CdiDevice } from '../../src/cdi/spec.ts';

/** The device of an FPGA management engine. */
export function fpgaDevice(name = 'intel-fpga-fme.0'): CdiDevice {
  return {
    kind: 'intel.cdi.k8s.io/fpga',
    name,
    containerEdits: {
      env: ['FPGA=1'],
      deviceNodes: [
        { path: `/dev/${name}`, hostPath: `/host/dev/${name}`, permissions: 'rw', fileMode: 0o660, uid: 0 },
      ],
      hooks: [
        { hookName: 'createRuntime', path: '/opt/intel/fpga-sw/fpga_crihook', args: ['fpga_crihook'], timeout: 30 },
      ],
      mounts: [{ hostPath: '/opt/opae', containerPath: '/opt/opae', type: 'none', options: ['ro', 'bind'] }],
    },
  };
}

const text = fc.string({ unit: 'grapheme' }).filter((value) => value.isWellFormed() && !value.includes('\0'));
const path = text.map((value) => `/${value}`);
const number = fc.integer({ min: 1, max: 2 ** 32 - 1 });

/** Edits with anything in them that is valid; optional keys are absent now and then. */
const containerEdits = fc.record(
  {
    env: fc.array(
      text.map((value) => `KEY=${value}`),
      { minLength: 1 },
    ),
    deviceNodes: fc.array(
      fc.record(
        {
          path,
          hostPath: path,
          type: fc.constantFrom('b', 'c', 'u', 'p'),
          major: number,
          permissions: fc.constantFrom('r', 'rwm'),
          uid: number,
        },
        { requiredKeys: ['path'] },
      ),
    ),
    hooks: fc.array(
      fc.record(
        { hookName: fc.constantFrom('prestart', 'poststop'), path, args: fc.array(text), timeout: number },
        { requiredKeys: ['hookName', 'path'] },
      ),
    ),
    mounts: fc.array(
      fc.record(
        { hostPath: path, containerPath: path, type: text, options: fc.array(text) },
        { requiredKeys: ['hostPath', 'containerPath'] },
      ),
    ),
  },
  { requiredKeys: ['env'] },
);

/** Names with few different characters, so that devices often differ in little. */
export const cdiDevices = fc.record({
  kind: fc.stringMatching(/^[ab](?:[ab._-]{0,3}[ab1])?\/[ab](?:[ab_-]{0,3}[ab1])?$/),
  name: fc.stringMatching(/^[a1](?:[a1._:-]{0,3}[a1])?$/),
  containerEdits,
}) as fc.Arbitrary<CdiDevice>;
