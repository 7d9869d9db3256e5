// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { CapturedLog } from '../../test/captured-log.ts';
import { telemetry } from '../observe/telemetry.ts';
import { ProblemReport } from './problem-report.ts';

const resource = 'example.com/report';
const problem = (): string | undefined => telemetry.resources.get(resource)?.problem;

describe('ProblemReport', () => {
  it('logs each cause once, until it is another or was solved', () => {
    using log = new CapturedLog();
    const report = new ProblemReport(resource);
    report.report('cannot register', new Error('refused'));
    report.report('cannot register', new Error('refused'));
    expect(log.with('cannot register')).toHaveLength(1);
    expect(log.lines[0]).toMatch(/^W.*resource="example.com\/report".*refused/);
    report.report('cannot register', new Error('timeout'));
    expect(log.lines).toHaveLength(2);
    report.solved('cannot register');
    report.report('cannot register', new Error('timeout'));
    expect(log.lines).toHaveLength(3);
  });

  it('shows what is unsolved in the readiness of the resource', () => {
    using log = new CapturedLog();
    const report = new ProblemReport(resource);
    report.report('waiting', 'no socket');
    report.report('cannot publish', new Error('too large', { cause: new Error('5 MiB') }));
    expect(problem()).toBe('waiting: no socket; cannot publish: too large: 5 MiB');
    report.solved('waiting', 'something else');
    expect(problem()).toBe('cannot publish: too large: 5 MiB');
    report.solved('cannot publish');
    expect(problem()).toBeUndefined();
    expect(log.lines).toHaveLength(2);
  });
});
