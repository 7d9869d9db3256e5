// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { defaultKlogSettings, type KlogSettings } from './klog-settings.ts';
import { LogFiles } from './log-files.ts';
import { severity } from './severity.ts';

describe('LogFiles', () => {
  let directory: string;
  let files: LogFiles;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kdp-'));
  });

  afterEach(async () => {
    files.close();
    vi.useRealTimers();
    await rm(directory, { recursive: true });
  });

  function create(changes: Partial<KlogSettings>): LogFiles {
    files = new LogFiles({ ...defaultKlogSettings, logDir: directory, ...changes }, 'qat-plugin', 42, 'banner\n');
    return files;
  }

  it('names files as klog does, with a link to the newest', () => {
    vi.useFakeTimers({ now: new Date(2026, 5, 2, 7, 4, 9) });
    create({}).write(severity.warning, 'careful\n');
    files.write(severity.warning, 'again\n');
    files.flush();
    const [link, name = ''] = readdirSync(directory).sort((a, b) => a.length - b.length);
    expect(link).toBe('qat-plugin.WARNING');
    expect(name.startsWith(`qat-plugin.${hostname().split('.')[0]}.`)).toBe(true);
    expect(name).toMatch(/\.[^./]+\.log\.WARNING\.20260602-070409\.42$/);
    expect(readlinkSync(join(directory, 'qat-plugin.WARNING'))).toBe(name);
    expect(readFileSync(join(directory, name), 'utf8')).toBe('banner\ncareful\nagain\n');
  });

  it('takes the place of the link of an earlier run', () => {
    symlinkSync('gone', join(directory, 'qat-plugin.INFO'));
    create({}).write(severity.info, 'x\n');
    expect(readFileSync(join(directory, 'qat-plugin.INFO'), 'utf8')).toBe('banner\nx\n');
  });

  it('does not follow a link that waits under its name', () => {
    vi.useFakeTimers({ now: new Date(2026, 5, 2) });
    create({}).open(severity.info);
    files.close();
    const name = readlinkSync(join(directory, 'qat-plugin.INFO'));
    const target = join(directory, 'target');
    writeFileSync(target, '');
    files = create({});
    const path = join(directory, name);
    return rm(path).then(() => {
      symlinkSync(target, path);
      expect(() => files.write(severity.info, 'x\n')).toThrow('ELOOP');
      expect(readFileSync(target, 'utf8')).toBe('');
    });
  });

  it('appends to -log_file, and begins it anew at its limit', () => {
    const logFile = join(directory, 'log');
    writeFileSync(logFile, 'before\n');
    create({ logFile, logFileMaxSizeMiB: 1 }).write(severity.info, 'x\n');
    expect(readFileSync(logFile, 'utf8')).toBe('before\nbanner\nx\n');
    files.write(severity.info, `${'y'.repeat(1024 * 1024 - 100)}\n`);
    expect(readFileSync(logFile, 'utf8')).toContain('before');
    files.write(severity.info, `${'z'.repeat(100)}\n`);
    expect(readFileSync(logFile, 'utf8')).toBe(`banner\n${'z'.repeat(100)}\n`);
  });

  it('knows no limit when it is 0', () => {
    const logFile = join(directory, 'log');
    create({ logFile, logFileMaxSizeMiB: 0 }).write(severity.info, 'x\n');
    files.write(severity.info, 'y'.repeat(3 * 1024 * 1024));
    expect(readFileSync(logFile, 'utf8')).toMatch(/^banner\nx\ny/);
  });

  it('throws when there is no place to write to', () => {
    create({ logDir: join(directory, 'missing') });
    expect(() => files.write(severity.info, 'x\n')).toThrow('ENOENT');
    expect(existsSync(join(directory, 'missing'))).toBe(false);
  });

  it('writes to the temporary directory of the system when none is named', () => {
    vi.stubEnv('TMPDIR', directory);
    create({ logDir: '' }).write(severity.info, 'x\n');
    vi.unstubAllEnvs();
    expect(readdirSync(directory)).toContain('qat-plugin.INFO');
  });
});
