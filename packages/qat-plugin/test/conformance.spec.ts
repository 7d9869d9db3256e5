// SPDX-License-Identifier: Apache-2.0
import { coreClauses, patientConformance } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { conformanceRuns } from './conformance-subject.ts';

describe('qat-plugin', () => {
  it('does what a good device plugin does', { timeout: 900_000 }, async () => {
    const { examined, problems } = await patientConformance(conformanceRuns, { skip: coreClauses });
    expect(problems).toEqual([]);
    expect(examined).toBeGreaterThan(82);
  });
});
