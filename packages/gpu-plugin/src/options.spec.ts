// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { optionsOf, type GivenFlags } from '../test/fixtures/options.ts';

function errorOf(given: GivenFlags): string {
  try {
    optionsOf(given);
    return 'none';
  } catch (error) {
    expect(error).toMatchObject({ code: 'FLAG_INVALID' });
    return (error as Error).message;
  }
}

describe('parseGpuOptions()', () => {
  it('has the defaults of upstream', () => {
    expect(optionsOf()).toEqual({
      shareCount: 1,
      allocationPolicy: 'none',
      deviceIds: { allowed: new Set(), denied: new Set() },
      monitoring: 'none',
      byPath: 'single',
      isWsl: false,
      levelZeroSocket: '/var/lib/levelzero/server.sock',
      idStyle: 'card',
      resourceRules: [
        { conditions: [], template: '{driver}' },
        { conditions: [], template: '{driver}' },
      ],
      health: {
        source: 'none',
        socket: '',
        limits: { globalCelsius: 100, gpuCelsius: 100, memoryCelsius: 100 },
        badReadings: 2,
        goodReadings: 2,
        away: 'keep',
        checksLink: true,
      },
      scanPeriodMs: 60_000,
    });
  });

  it.each([
    ['0x1234', ['0x1234']],
    ['0x1234,0x5678,0x9abc', ['0x1234', '0x5678', '0x9abc']],
    [' 0x1234 , 0x5678 ', ['0x1234', '0x5678']],
    ['', []],
  ])('A-G35: takes the id list %j', (list, ids) => {
    expect([...optionsOf({ 'allow-ids': list }).deviceIds.allowed]).toEqual(ids);
    expect([...optionsOf({ 'deny-ids': list }).deviceIds.denied]).toEqual(ids);
  });

  it.each([
    ['0x1234,abcd', 'invalid PCI ID: abcd'],
    ['0x123,0x5678', 'invalid PCI ID: 0x123'],
    ['0x1234,', 'empty PCI ID'],
    ['0xAA12,', 'invalid PCI ID: 0xAA12'],
    ['0x12345', 'invalid PCI ID: 0x12345'],
  ])('A-G36: refuses the id list %j', (list, reason) => {
    for (const flag of ['allow-ids', 'deny-ids'] as const)
      expect(errorOf({ [flag]: list })).toBe(`argument error: failed to validate ${flag}: ${reason}`);
  });

  it.each<[GivenFlags, string]>([
    [{ 'shared-dev-num': 0 }, 'the number of containers sharing the same GPU must greater than zero'],
    [{ 'shared-dev-num': -1 }, 'the number of containers sharing the same GPU must greater than zero'],
    [
      { 'allocation-policy': '' },
      'invalid value for preferredAllocationPolicy, the valid values: balanced, packed, none',
    ],
    [
      { 'allow-ids': '0x1234', 'deny-ids': '0x1234' },
      'cannot use both allow-ids and deny-ids options at the same time',
    ],
    [{ 'allow-ids': 'x' }, 'failed to validate allow-ids: invalid PCI ID: x'],
    [{ 'deny-ids': 'x' }, 'failed to validate deny-ids: invalid PCI ID: x'],
    [{ 'monitoring-mode': 'foobar' }, 'invalid value for monitoring-mode, valid values: split, single'],
    [
      { 'health-management': true, 'xpumd-endpoint': '/x' },
      'cannot use both Level-Zero sidecar and xpumd for health management.',
    ],
    [
      { 'xpumd-endpoint': '/x', 'temp-limit': 50, 'gpu-temp-limit': 50, 'memory-temp-limit': 50 },
      'temperature limits do not work with xpumd health source',
    ],
    [{ wsl: true, 'enable-monitoring': true }, 'monitoring is not supported within WSL.'],
    [{ wsl: true, 'health-management': true }, 'health management is not supported within WSL.'],
    [{ wsl: true, 'xpumd-endpoint': '/x' }, 'health management is not supported within WSL.'],
    [{ wsl: true, 'health-source': 'sysfs' }, 'health management is not supported within WSL.'],
  ])('A-G37: refuses %j', (given, message) => {
    expect(errorOf(given)).toBe(`argument error: ${message}`);
  });

  it.each<[GivenFlags]>([
    [{}],
    [{ 'allow-ids': '0x1234' }],
    [{ 'deny-ids': '0x1234' }],
    [{ 'health-management': true }],
    [{ 'xpumd-endpoint': '/x', 'temp-limit': 100, 'gpu-temp-limit': 100, 'memory-temp-limit': 100 }],
    [{ wsl: true }],
  ])('A-G38: takes %j', (given) => {
    expect(errorOf(given)).toBe('none');
  });

  it('checks in the order of upstream, as each mistake hides those after it', () => {
    const mistakes: readonly (readonly [GivenFlags, RegExp])[] = [
      [{ 'resource-manager': true }, /-resource-manager/],
      [{ 'shared-dev-num': 0 }, /greater than zero/],
      [{ 'allocation-policy': 'x' }, /preferredAllocationPolicy/],
      [{ 'allow-ids': 'x', 'deny-ids': 'x' }, /both allow-ids/],
      [{ 'monitoring-mode': 'x' }, /monitoring-mode/],
      [{ wsl: true, 'enable-monitoring': true }, /monitoring is not/],
      [{ wsl: true, 'health-management': true, 'xpumd-endpoint': '/x' }, /health management is not/],
      [{ 'health-management': true, 'xpumd-endpoint': '/x' }, /both Level-Zero/],
      [{ 'xpumd-endpoint': '/x', 'temp-limit': 1 }, /temperature limits/],
    ];
    mistakes.forEach((_, first) => {
      // Outside of WSL, what is wrong only there is no mistake.
      const given = mistakes.slice(first).toReversed();
      expect(errorOf(Object.assign({}, ...given.map(([flags]) => flags)) as GivenFlags)).toMatch(
        mistakes[first]?.[1] ?? /never/,
      );
    });
  });

  it('names the release that removed the resource manager, and what to use', () => {
    expect(errorOf({ 'resource-manager': true })).toMatch(/^argument error: .*v0\.34\.0.*-shared-dev-num/);
  });

  it('takes an unknown -bypath for single, as upstream does', () => {
    expect(['single', 'all', 'none', 'other'].map((bypath) => optionsOf({ bypath }).byPath)).toEqual([
      'single',
      'all',
      'none',
      'single',
    ]);
  });

  it.each<[GivenFlags, object]>([
    [{ 'health-management': true }, { source: 'level-zero', socket: '/var/lib/levelzero/server.sock' }],
    [{ 'xpumd-endpoint': '/run/x.sock' }, { source: 'xpumd', socket: '/run/x.sock' }],
    [
      { 'health-source': 'sysfs', 'gpu-temp-limit': 90 },
      { source: 'sysfs', socket: '', limits: { gpuCelsius: 90 } },
    ],
    [{ 'health-source': 'sysfs' }, { source: 'sysfs', checksLink: true }],
    [
      { 'health-source': 'sysfs', 'health-link-check': false },
      { source: 'sysfs', checksLink: false },
    ],
    [
      { 'health-away': 'unhealthy', 'health-bad-readings': 1, 'health-good-readings': 5 },
      { badReadings: 1, goodReadings: 5 },
    ],
  ])('takes health by %j', (given, expected) => {
    expect(optionsOf(given).health).toMatchObject(expected);
  });

  it.each(['health-management', 'xpumd-endpoint'] as const)('refuses -health-source beside -%s', (flag) => {
    expect(errorOf({ 'health-source': 'sysfs', [flag]: flag === 'xpumd-endpoint' ? '/x' : true })).toMatch(
      /^argument error: -health-source/,
    );
  });

  it.each<GivenFlags>([{}, { 'health-management': true }, { 'xpumd-endpoint': '/x' }])(
    'refuses -health-link-check=false with %j, which has no link to check',
    (given) => {
      expect(errorOf({ ...given, 'health-link-check': false })).toMatch(/^argument error: -health-link-check/);
    },
  );

  it('publishes the single or the split monitoring resource only when monitoring is enabled', () => {
    expect(optionsOf({ 'monitoring-mode': 'split' }).monitoring).toBe('none');
    expect(optionsOf({ 'monitoring-mode': 'split', 'enable-monitoring': true }).monitoring).toBe('split');
    expect(optionsOf({ 'enable-monitoring': true }).monitoring).toBe('single');
  });

  it('refuses more shares than a kubelet could be told of', () => {
    expect(errorOf({ 'shared-dev-num': 100_001 })).toMatch(/at most 100000/);
  });

  it('finds a list of ids right or wrong, and never anything else', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('0', 'x', '1', 'a', 'F', ',', ' ') }), (list) => {
        const isRight = list === '' || list.split(',').every((id) => /^\s*0x[0-9a-f]{4}\s*$/.test(id));
        expect(errorOf({ 'allow-ids': list }) === 'none').toBe(isRight);
      }),
    );
  });
});
