// SPDX-License-Identifier: Apache-2.0
import type { AllocateResponse } from '@kube-device-plugins/core';
import { describe, expect, it } from 'vitest';
import { renumberSections } from './section-names.ts';

const response = (...envs: Record<string, string>[]): AllocateResponse => ({
  containerResponses: envs.map((variables) => ({
    envs: variables,
    mounts: [],
    devices: [],
    annotations: {},
    cdiDevices: [],
  })),
});

function renumbered(...envs: Record<string, string>[]): Record<string, string>[] {
  const allocated = response(...envs);
  renumberSections(allocated);
  return allocated.containerResponses.map((container) => container.envs);
}

describe('renumberSections()', () => {
  it('A-K14: counts sections from 0 and leaves other variables alone', () => {
    const envs = { SOMEVAR: 'x', QAT_SECTION_NAME_cy1_dc0_15: 'SHIM', QAT_SECTION_NAME_cy1_dc0_32: 'SSL' };
    expect(renumbered(envs)).toEqual([
      { SOMEVAR: 'x', QAT_SECTION_NAME_cy1_dc0_0: 'SHIM', QAT_SECTION_NAME_cy1_dc0_1: 'SSL' },
    ]);
  });

  it('counts each container by itself', () => {
    const envs = { QAT_SECTION_NAME_cy1_dc0_7: 'A', QAT_SECTION_NAME: 'A' };
    const counted = { QAT_SECTION_NAME_cy1_dc0_0: 'A', QAT_SECTION_NAME: 'A' };
    expect(renumbered(envs, envs)).toEqual([counted, counted]);
  });

  it.each([
    ['A-K15: an unknown form', 'QAT_SECTION_NAME_JUSTWRONG'],
    ['a part too many', 'QAT_SECTION_NAME_cy1_dc0_1_2'],
    ['an empty part', 'QAT_SECTION_NAME_cy1__1'],
  ])('refuses %s', (_, key) => {
    expect(() => renumbered({ [key]: 'A' })).toThrow(
      `environment variable "${key}" is not QAT_SECTION_NAME_cy<n>_dc<n>_<n>`,
    );
  });
});
