// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { linkLabels, tileLinks } from './tile-links.ts';

/** A line of the metric: labels that all lines have, those given, and a value. */
function line(labels: Readonly<Record<string, string>>, value = '1'): string {
  const all = {
    dev_file: 'card1',
    dev_name: 'Intel(R) Graphics [0x0bdb]',
    local_cpu_affinity: '0-23,48-71',
    ...labels,
  };
  const pairs = Object.entries(all).map(([name, text]) => `${name}="${text}"`);
  return `xpum_topology_link{${pairs.join(',')}} ${value}`;
}

/** A link from `0.1` to `2.3`; the lanes have one of two names, with a space before them. */
function link(
  local: string,
  remote: string,
  lanes = '4',
  { onSubdevice = 'true', lanesName = 'lan_count', value = '1' } = {},
) {
  const [localDevice = '', localTile = ''] = local.split('.');
  const [remoteDevice = '', remoteTile = ''] = remote.split('.');
  const labels = {
    local_device_id: localDevice,
    local_on_subdevice: onSubdevice,
    local_subdevice_id: localTile,
    remote_device_id: remoteDevice,
    remote_subdevice_id: remoteTile,
  };
  return line(lanes === '' ? labels : { ...labels, [` ${lanesName}`]: lanes }, value);
}

const head = ['# HELP xpum_topology_link Connection type fo two GPU tiles', '# TYPE xpum_topology_link gauge'];

function links(lines: readonly string[], { minLanes = 4, allowSubdeviceless = false } = {}): string {
  return tileLinks([...head, ...lines].join('\n'), { minLanes, allowSubdeviceless });
}

function labelsOf(links: string): readonly string[] {
  return [...linkLabels(links, 'xpumanager.intel.com')].map(([name, value]) => `${name}=${value}`);
}

describe('tileLinks()', () => {
  it.each<[string, readonly string[]]>([
    ['A-X1: garbage', ['xpum_some_other_data{with_some_label]]]]}', 'xpum_topology_link{with_some_label]]]]}']],
    ['A-X2: no links', ['xpum_some_other_data{with_some_label="foo"} 42']],
    ['A-X3: another value than 1', ['0', '4', '1.5', '-1', 'NaN'].map((value) => link('0.0', '1.0', '4', { value }))],
    ['A-X4: links on no subdevice', [link('0.0', '1.0', '4', { onSubdevice: 'false' })]],
    ['A-X5: no lanes', [link('0.0', '1.0', ''), link('0.0', '1.0', 'many')]],
    ['ids that are none', [link('0.', '1.0'), link('-1.0', '1.0'), link('0.0', '1.x')]],
  ])('is nothing of %s', (_, lines) => {
    expect(links(lines)).toBe('');
    expect(labelsOf('')).toEqual(['xpumanager.intel.com/xe-links=']);
  });

  it('A-X6: has links on no subdevice where they are allowed', () => {
    const lines = ['0', '1'].map((tile) => link('0.0', `1.${tile}`, '4', { onSubdevice: 'false' }));
    expect(links(lines, { allowSubdeviceless: true })).toBe('0.0-1.0_0.0-1.1');
  });

  it('A-X7: has one link, among lines that are none', () => {
    expect(links([link('99.0', '0.0', '', { value: '0' }), link('0.0', '1.0', '4', { value: '1.0' })])).toBe('0.0-1.0');
  });

  it('A-X8: has links that cross, the lower device first', () => {
    expect(links([link('0.0', '1.1'), link('1.0', '0.1')])).toBe('0.0-1.1_0.1-1.0');
  });

  it('A-X9: has links of one to many, whatever the lanes are called', () => {
    expect(links([link('0.0', '1.0'), link('0.0', '2.2', '4', { lanesName: 'lane_count' }), link('0.0', '3.0')])).toBe(
      '0.0-1.0_0.0-2.2_0.0-3.0',
    );
  });

  const many = [link('0.0', '2.0', '4'), link('1.0', '3.0', '8'), link('3.1', '0.1', '8'), link('2.1', '1.1', '4')];

  it('A-X10: has links of many to many', () => {
    expect(links(many)).toBe('0.0-2.0_1.0-3.0_0.1-3.1_1.1-2.1');
  });

  it('A-X11: leaves out links of too few lanes', () => {
    expect(links(many, { minLanes: 8 })).toBe('1.0-3.0_0.1-3.1');
  });

  it('A-X12: cuts many links to labels', () => {
    const more = [4, 6, 8].flatMap((device) => [
      link(`${device}.0`, '2.0'),
      link(`${device}.1`, '3.0', '8'),
      link(`${device + 1}.0`, '0.1', '8'),
      link(`${device + 1}.1`, '1.1'),
    ]);
    expect(labelsOf(links([...many, ...more]))).toEqual([
      'xpumanager.intel.com/xe-links=0.0-2.0_1.0-3.0_0.1-3.1_1.1-2.1_2.0-4.0_3.0-4.1_0.1-5.0_1.1-5.1',
      'xpumanager.intel.com/xe-links2=Z_2.0-6.0_3.0-6.1_0.1-7.0_1.1-7.1_2.0-8.0_3.0-8.1_0.1-9.0_1.1-9',
      'xpumanager.intel.com/xe-links3=Z.1',
    ]);
  });

  it('has a link once that both ends tell of', () => {
    expect(links([link('0.0', '1.0'), link('1.0', '0.0'), link('0.0', '1.0')])).toBe('0.0-1.0');
  });

  it.each([
    ['gauge', '0.0-1.0'],
    ['untyped', '0.0-1.0'],
    ['counter', ''],
  ])('takes the metric as %s for %j', (type, expected) => {
    const text = `# TYPE xpum_topology_link ${type}\n${link('0.0', '1.0')}`;
    expect(tileLinks(text, { minLanes: 4, allowSubdeviceless: false })).toBe(expected);
  });
});
