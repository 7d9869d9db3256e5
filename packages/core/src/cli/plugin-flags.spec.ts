// SPDX-License-Identifier: Apache-2.0
import { describe, expect, expectTypeOf, it } from 'vitest';
import { defaultKlogSettings } from '../log/klog-settings.ts';
import type { FlagDefinitions } from './flag-definition.ts';
import { parsePluginFlags } from './plugin-flags.ts';

const ownFlags = {
  mode: { type: 'string', default: 'dpdk', usage: 'what for', choices: ['dpdk', 'kernel'] },
} as const satisfies FlagDefinitions;

function run(argv: readonly string[], env: Record<string, string> = {}) {
  const flags = parsePluginFlags('qat-plugin', ownFlags, argv, env);
  if (flags.kind === 'error') throw new Error(flags.message);
  if (flags.kind === 'help') throw new Error(flags.text);
  return flags;
}

describe('parsePluginFlags()', () => {
  it('has the defaults of klog and of every plugin', () => {
    const { common, klog, own } = run([]);
    expect(klog).toEqual(defaultKlogSettings);
    expect(common).toEqual({
      config: '',
      devicePluginPath: '/var/lib/kubelet/device-plugins/',
      podResourcesSocket: '/var/lib/kubelet/pod-resources/kubelet.sock',
      cdiDir: '/var/run/cdi',
      prefix: '',
      replay: '',
      metricsBindAddress: { port: 8080 },
      scanPeriodMs: 5_000,
      registration: 'register',
      pluginsRegistryPath: '/var/lib/kubelet/plugins_registry',
      socketNameStyle: 'unique',
      loggingFormat: 'text',
    });
    expect(own).toEqual({ mode: 'dpdk' });
    expectTypeOf(own.mode).toEqualTypeOf<'dpdk' | 'kernel'>();
  });

  it('reads the flags of every plugin', () => {
    const argv = [
      '-device-plugin-path=/dp',
      '-pod-resources-socket=/pods.sock',
      '-cdi-dir',
      '/cdi',
      '-prefix=/host',
      '-metrics-bind-address',
      '0',
      '-scan-period=100ms',
      '-registration=watcher',
    ];
    const { common, own } = run([...argv, '-plugins-registry-path=/pr', '-socket-name-style=classic', '-mode=kernel'], {
      KDP_LOGGING_FORMAT: 'json',
    });
    expect(common).toEqual({
      config: '',
      devicePluginPath: '/dp',
      podResourcesSocket: '/pods.sock',
      cdiDir: '/cdi',
      prefix: '/host',
      replay: '',
      metricsBindAddress: undefined,
      scanPeriodMs: 100,
      registration: 'watcher',
      pluginsRegistryPath: '/pr',
      socketNameStyle: 'classic',
      loggingFormat: 'json',
    });
    expect(own).toEqual({ mode: 'kernel' });
  });

  it('takes a prefix or a capture, and not both', () => {
    expect(run(['-replay=node.tar']).common).toMatchObject({ prefix: '', replay: 'node.tar' });
    expect(parsePluginFlags('x', {}, ['-replay=a.tar', '-prefix=/host'], {})).toMatchObject({
      kind: 'error',
      message: '-replay brings a /sys and /dev of its own: give it or -prefix, not both',
    });
    expect(parsePluginFlags('x', {}, ['-replay=\0'], {})).toMatchObject({ kind: 'error' });
  });

  it("reads klog's flags", () => {
    const argv = [
      '-v',
      '4',
      '-vmodule=scan*=5,,plugin=0',
      '-logtostderr=false',
      '-alsologtostderr',
      '-alsologtostderrthreshold=warning',
      '-stderrthreshold=0',
    ];
    const more = [
      '-legacy_stderr_threshold_behavior=false',
      '-log_dir=/l',
      '-log_file=/f',
      '-log_file_max_size=1',
      '-one_output',
      '-add_dir_header',
    ];
    expect(
      run([...argv, ...more, '-skip_headers', '-skip_log_headers', '-log_backtrace_at=plugin.ts:12']).klog,
    ).toEqual({
      v: 4,
      vmodule: [{ pattern: 'scan*', level: 5 }],
      logToStderr: false,
      alsoLogToStderr: true,
      alsoLogToStderrThreshold: 1,
      stderrThreshold: 0,
      legacyStderrThresholdBehavior: false,
      logDir: '/l',
      logFile: '/f',
      logFileMaxSizeMiB: 1,
      oneOutput: true,
      addDirHeader: true,
      skipHeaders: true,
      skipLogHeaders: true,
      logBacktraceAt: { file: 'plugin.ts', line: 12 },
    });
    expect(run(['-log_backtrace_at=:0', '-stderrthreshold=3']).klog).toMatchObject({
      logBacktraceAt: undefined,
      stderrThreshold: 3,
    });
  });

  it.each([
    ['-cdi-dir=run/cdi', 'must be an absolute path'],
    ['-device-plugin-path=', 'must be an absolute path'],
    ['-plugins-registry-path=/a\0b', 'must not hold a NUL character'],
    ['-prefix=host', 'must be an absolute path'],
    ['-scan-period=1', 'invalid value "1" for flag -scan-period: parse error: the unit is missing, as in 1s'],
    ['-scan-period=99ms', 'must be from 100ms to 24h0m0s'],
    ['-scan-period=600h', 'must be from 100ms to 24h0m0s'],
    ['-metrics-bind-address=8080', 'must be host:port, :port, or 0 for none'],
    ['-registration=both', 'must be register or watcher'],
    ['-logging-format=xml', 'must be text or json'],
    ['-v=x', 'invalid value "x" for flag -v: parse error'],
    ['-vmodule=a', 'syntax error: expect comma-separated list of filename=N'],
    ['-stderrthreshold=loud', 'parse error'],
    ['-log_backtrace_at=plugin.ts', 'syntax error: expect file.ts:234'],
    ['-log_backtrace_at=plugin.ts:0', 'lines count from 1'],
    ['extra', 'unexpected argument "extra"'],
  ])('refuses %s and shows the usage', (arg, message) => {
    const flags = parsePluginFlags('qat-plugin', ownFlags, [arg], {});
    expect(flags).toMatchObject({
      kind: 'error',
      message: expect.stringContaining(message) as string,
      usage: expect.stringMatching(/^Usage of qat-plugin:\n/) as string,
    });
  });

  it('finds variables that no flag has, and what may have been meant', () => {
    const env = { KDP_SCAN_PEROID: '1s', KDP_MODE: 'kernel', KDP_LOG_DIR: '', KDP_: 'x', MY_KDP_X: 'x', kdp_v: '1' };
    expect(run([], env).unknownVariables).toEqual([
      { variable: 'KDP_SCAN_PEROID', nearest: 'KDP_SCAN_PERIOD' },
      { variable: 'KDP_', nearest: 'KDP_V' },
    ]);
    expect(run([]).unknownVariables).toEqual([]);
  });

  it('shows all flags on -h', () => {
    const flags = parsePluginFlags('qat-plugin', ownFlags, ['-h'], {});
    expect(flags).toMatchObject({
      kind: 'help',
      text: expect.stringMatching(/-logging-format[^]*-mode dpdk\|kernel[^]*-vmodule value/) as string,
    });
  });

  it.each(['prefix', 'v', 'log-dir'])('refuses a plugin with a flag -%s of its own', (name) => {
    expect(() => parsePluginFlags('x', { [name]: { type: 'bool', default: false, usage: '' } }, [], {})).toThrow(
      `every plugin has a flag -${name}`,
    );
  });
});
