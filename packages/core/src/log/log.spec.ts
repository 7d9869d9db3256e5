// SPDX-License-Identifier: Apache-2.0
import { readFileSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { defaultKlogSettings, type KlogSettings } from './klog-settings.ts';
import { loadLineFormat } from './line-format.ts';
import { configureLog, flushLog, log, type LogOptions } from './log.ts';

let lines: string[];
let restore: () => void;

function capture(klog: Partial<KlogSettings> = {}, options: LogOptions = {}): void {
  lines = [];
  restore = configureLog({
    klog: { ...defaultKlogSettings, skipHeaders: true, ...klog },
    output: { write: (line) => lines.push(line) },
    ...options,
  });
}

describe('log', () => {
  afterEach(() => {
    restore();
  });

  it('prints lines of every severity, with the place they come from', () => {
    capture({ skipHeaders: false });
    log.info('a');
    log.warn('b', { id: 1 });
    log.error('c');
    expect(lines).toEqual([
      expect.stringMatching(/^I.* +\d+ log\.spec\.ts:\d+\] a\n$/),
      expect.stringMatching(/^W.* log\.spec\.ts:\d+\] "b" id=1\n$/),
      expect.stringMatching(/^E.* log\.spec\.ts:\d+\] c\n$/),
    ]);
    const [a, b, c] = lines.map((line) => Number(/ts:(\d+)/.exec(line)?.[1]));
    expect([b, c]).toEqual([(a ?? 0) + 1, (a ?? 0) + 2]);
  });

  it('names the process it is in, also where nobody told it', () => {
    capture({ skipHeaders: false });
    log.info('a');
    expect(lines).toEqual([expect.stringMatching(new RegExp(`^I\\S+ \\S+ +${process.pid} `))]);
  });

  it('shows verbose lines up to -v', () => {
    capture({ v: 2 });
    log.v(0).info('zero');
    log.v(2).info('two', { n: 2 });
    log.v(3).info('three');
    expect(lines).toEqual(['zero\n', '"two" n=2\n']);
    expect([log.v(2).enabled, log.v(3).enabled]).toEqual([true, false]);
  });

  it('shows more of the files that -vmodule names', () => {
    capture({ v: 1, vmodule: [{ pattern: 'log.*', level: 3 }] });
    expect([1, 3, 4].map((level) => log.v(level).enabled)).toEqual([true, true, false]);
    log.v(3).info('three');
    expect(lines).toEqual(['three\n']);
    restore();
    capture({ v: 2, vmodule: [{ pattern: 'log.spec', level: 1 }] });
    expect([2, 3].map((level) => log.v(level).enabled)).toEqual([true, false]);
    restore();
    capture({ vmodule: [{ pattern: 'other', level: 9 }] });
    expect(log.v(1).enabled).toBe(false);
  });

  it('adds the stack at -log_backtrace_at', () => {
    capture({ skipHeaders: false });
    const say = (): void => {
      log.info('here', { id: 1 });
    };
    say();
    const line = Number(/ts:(\d+)/.exec(lines[0] ?? '')?.[1]);
    restore();
    capture({ logBacktraceAt: { file: 'log.spec.ts', line } });
    say();
    log.info('elsewhere');
    expect(lines).toEqual([
      expect.stringMatching(/^"here" id=1 stack=<\n\tat say \([^]*log\.spec\.ts:\d+:\d+\)\n[^]*\n >\n$/),
      'elsewhere\n',
    ]);
  });

  it('prints JSON when that is loaded', async () => {
    capture({}, { lines: await loadLineFormat('json'), name: 'qat-plugin', pid: 42 });
    log.v(0).info('device added', { id: 'card0' });
    expect(JSON.parse(lines.join(''))).toMatchObject({ name: 'qat-plugin', pid: 42, id: 'card0', msg: 'device added' });
  });

  it('prints as klog does by default', async () => {
    capture({}, { lines: await loadLineFormat('text') });
    log.info('x', { id: 'card0' });
    expect(lines).toEqual(['"x" id="card0"\n']);
  });
});

describe('configureLog()', () => {
  it('is undone by what it returns', () => {
    capture();
    const inner: string[] = [];
    const restoreInner = configureLog({ output: { write: (line) => inner.push(line) } });
    log.info('inner');
    restoreInner();
    log.info('outer');
    restore();
    expect(inner).toEqual([expect.stringMatching(/ inner\n$/)]);
    expect(lines).toEqual(['outer\n']);
  });

  describe('with files', () => {
    let directory: string;

    beforeEach(async () => {
      directory = await mkdtemp(join(tmpdir(), 'kdp-'));
    });

    afterEach(async () => {
      restore();
      vi.unstubAllEnvs();
      await rm(directory, { recursive: true, force: true });
    });

    const file = (severity: string): string => readFileSync(join(directory, `qat-plugin.${severity}`), 'utf8');

    it('fills a file for each severity and sends errors to standard error', () => {
      capture({ logToStderr: false, logDir: directory }, { name: 'qat-plugin' });
      log.info('a');
      log.error('b');
      flushLog();
      expect(lines).toEqual(['b\n']);
      expect(file('INFO')).toMatch(/^Log file created at: .*\nProgram: qat-plugin\nLog line format: .*\na\nb\n$/);
      expect(file('WARNING')).toMatch(/\nb\n$/);
      expect(file('ERROR')).toMatch(/\nb\n$/);
    });

    it.each(['text', 'json'] as const)(
      'leaves out the first lines on request, and always with JSON (%s)',
      async (format) => {
        capture(
          { logToStderr: false, logDir: directory, skipLogHeaders: format === 'text' },
          { name: 'qat-plugin', lines: await loadLineFormat(format) },
        );
        log.info('a');
        expect(file('INFO')).toMatch(format === 'text' ? /^a\n$/ : /^\{.*\}\n$/);
      },
    );

    it('fails at once when there is no place to write to', () => {
      capture();
      const klog = { ...defaultKlogSettings, logToStderr: false, logDir: join(directory, 'missing') };
      expect(() => configureLog({ klog })).toThrow(
        expect.objectContaining({
          code: 'FLAG_INVALID',
          message: expect.stringContaining('-log_dir') as string,
        }) as Error,
      );
      log.info('still here');
      expect(lines).toEqual(['still here\n']);
    });

    it('sends a line to standard error when its file cannot be written any more', async () => {
      capture({ logToStderr: false, logDir: directory }, { name: 'qat-plugin' });
      await rm(directory, { recursive: true });
      log.warn('no file for warnings');
      expect(lines).toEqual(['no file for warnings\n']);
      expect(() => readdirSync(directory)).toThrow('ENOENT');
    });
  });
});
