// SPDX-License-Identifier: Apache-2.0
import { plain, coloured } from '@kube-device-plugins/terminal';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aDevice, aResource, aStatus } from '../../test/a-status.ts';
import { topLines, topScreen } from './top-lines.ts';

const address = 'http://127.0.0.1:8080/';
const user = { namespace: 'ml', pod: 'training-0', container: 'trainer' };
const cards = aResource('gpu.intel.com/i915', [
  aDevice('card1', { reason: 'no link', numa: [1], history: [{ to: 'unhealthy', at: '2026-01-01T01:58:00.000Z' }] }),
  aDevice('card0', { users: [user], numa: [0] }),
]);
const ports = aResource('fpga.intel.com/af', [aDevice('port0', { reason: 'gone' }), aDevice('port1')], {
  problem: 'no kubelet',
  leftOutCount: 2,
});

describe('topLines()', () => {
  it('shows resources, then devices with trouble first', () => {
    expect(topLines({ address, status: aStatus([cards]) }, 200, plain)).toEqual([
      'gpu-plugin 1.2.3 at http://127.0.0.1:8080/, started 2 h ago: ready',
      '',
      'RESOURCE            STATE  DEVICES  HEALTHY  UNHEALTHY  LEFT OUT  ALLOCATIONS  FAILED',
      'gpu.intel.com/i915  ready  2        1        1          0         3            0',
      '',
      'DEVICE  HEALTH     NUMA  USED BY                LAST CHANGE          REASON',
      'card1   Unhealthy  1     -                      unhealthy 2 min ago  no link',
      'card0   Healthy    0     ml/training-0/trainer  -                    -',
    ]);
  });

  it('has the trouble of all resources before anything that is well', () => {
    const lines = topLines({ address, status: aStatus([cards, ports]) }, 200, plain);
    const devices = lines.slice(lines.findIndex((line) => line.includes('DEVICE ')) + 1);
    expect(devices.map((line) => line.split(/ +/).slice(0, 3).join(' '))).toEqual([
      'gpu.intel.com/i915 card1 Unhealthy',
      'fpga.intel.com/af port0 Unhealthy',
      'gpu.intel.com/i915 card0 Healthy',
      'fpga.intel.com/af port1 Healthy',
    ]);
    expect(lines.find((line) => line.startsWith('fpga.intel.com/af '))).toMatch(/not ready +2 +1 +1 +2 +3 +0/);
  });

  it('says what is wrong with the plugin, and that it does not answer any more', () => {
    const plugins = [
      { name: 'p', ready: false, lines: ['ok scan', 'not ready a/b (1 devices): no kubelet'], resources: [] },
    ];
    const status = aStatus([], { ready: false, plugins, usersUnknown: 'no socket' });
    const lines = topLines({ address, status, problem: 'ECONNREFUSED' }, 200, plain);
    expect(lines.slice(0, 3)).toEqual([
      'gpu-plugin 1.2.3 at http://127.0.0.1:8080/, started 2 h ago: not ready',
      'trying again: ECONNREFUSED',
      'not ready a/b (1 devices): no kubelet',
    ]);
    expect(lines.at(-1)).toBe('pods are not shown: no socket');
  });

  it('says that it waits before there is anything', () => {
    expect(topLines({ address, status: undefined, problem: 'ECONNREFUSED' }, 200, plain).slice(0, 2)).toEqual([
      'waiting for http://127.0.0.1:8080/',
      'trying again: ECONNREFUSED',
    ]);
  });

  it('says that there are devices which the plugin does not tell of', () => {
    const many = aResource('a/b', [aDevice('x')], { deviceCount: 5_000 });
    expect(topLines({ address, status: aStatus([many]) }, 200, plain).at(-1)).toBe(
      'the plugin tells of 1 of its 5000 devices, the unhealthy ones first',
    );
  });

  it('paints trouble red, and what is well green', () => {
    const text = topLines({ address, status: aStatus([cards]) }, 200, coloured).join('\n');
    expect(text).toContain('\x1b[31mUnhealthy\x1b[39m');
    expect(text).toContain('\x1b[32mready\x1b[39m');
    expect(text).toContain('\x1b[36mml/training-0/trainer\x1b[39m');
  });
});

describe('topScreen()', () => {
  it('ends long tables with how much is not shown, and the screen with the keys', () => {
    const many = aResource(
      'a/b',
      Array.from({ length: 50 }, (_, i) => aDevice(`d${i}`)),
    );
    const screen = topScreen({ address, status: aStatus([many]) }, { columns: 80, rows: 20 }, plain);
    expect(screen).toHaveLength(20);
    expect(screen.at(-1)).toBe('q quit');
    expect(screen.at(-3)).toBe('… and 39 more');
  });

  it('has resources in trouble first, for a small screen', () => {
    const well = aResource('a/well', [aDevice('x')]);
    const lines = topScreen({ address, status: aStatus([well, well, ports]) }, { columns: 200, rows: 9 }, plain);
    expect(lines.slice(3, 5).map((line) => line.split(' ')[0])).toEqual(['fpga.intel.com/af', '…']);
  });

  it('fits any screen, whatever the plugin says', () => {
    const text = fc.string({ unit: 'binary', maxLength: 60 });
    const device = fc.record({ id: text, reason: fc.option(text, { nil: undefined }) });
    const size = fc.record({ columns: fc.nat(150), rows: fc.nat(40) });
    fc.assert(
      fc.property(
        fc.array(device, { maxLength: 20 }),
        text,
        text,
        size,
        (devices, name, problem, { columns, rows }) => {
          const resource = aResource(
            name,
            devices.map(({ id, reason }) => aDevice(id, reason === undefined ? {} : { reason })),
            { problem },
          );
          const status = aStatus([resource, resource], { program: name, usersUnknown: problem });
          const screen = topScreen({ address, status, problem }, { columns, rows }, plain);
          expect(screen.length).toBeLessThanOrEqual(rows);
          for (const line of screen) expect(line.length <= columns && /^[\x20-\x7e…]*$/.test(line)).toBe(true);
        },
      ),
    );
  });
});
