// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CapturedLog } from '../../test/captured-log.ts';
import { DevicePluginError } from '../errors.ts';
import { telemetry } from '../observe/telemetry.ts';
import { onLastingProblem, ProblemReport } from './problem-report.ts';

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

describe('onLastingProblem()', () => {
  const callback = vi.fn();

  beforeEach(() => {
    vi.useFakeTimers();
    callback.mockClear();
    onLastingProblem(callback);
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('calls back once when a problem has lasted for 5 s', () => {
    using _ = new CapturedLog();
    const [first, second] = [new ProblemReport(resource), new ProblemReport('example.com/other')];
    first.report('waiting', 'no socket');
    vi.advanceTimersByTime(4_999);
    expect(callback).not.toHaveBeenCalled();
    second.report('waiting', 'no socket');
    vi.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(10_000);
    expect(callback).toHaveBeenCalledOnce();
  });

  it('does not while another one of the resource is solved, but when none is left', () => {
    using _ = new CapturedLog();
    const report = new ProblemReport(resource);
    report.report('waiting', 'no socket');
    report.report('cannot publish', 'too large');
    report.solved('cannot publish');
    vi.advanceTimersByTime(4_999);
    report.solved('waiting');
    vi.advanceTimersByTime(10_000);
    expect(callback).not.toHaveBeenCalled();
  });

  it('counts from when a problem came back', () => {
    using _ = new CapturedLog();
    const report = new ProblemReport(resource);
    report.report('waiting', 'no socket');
    report.solved('waiting');
    vi.advanceTimersByTime(4_000);
    report.report('waiting', 'no socket');
    vi.advanceTimersByTime(1_000);
    expect(callback).not.toHaveBeenCalled();
    vi.advanceTimersByTime(4_000);
    expect(callback).toHaveBeenCalledOnce();
  });

  it('does not wait where only somebody at the node can solve it', () => {
    using _ = new CapturedLog();
    new ProblemReport(resource).report('cannot serve', new DevicePluginError('PLUGIN_DIR_UNUSABLE', 'no room'));
    vi.advanceTimersByTime(0);
    expect(callback).toHaveBeenCalledOnce();
  });
});
