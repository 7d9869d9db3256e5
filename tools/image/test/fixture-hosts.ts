// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import type { FixtureTree } from '@kube-device-plugins/testkit';

const root = join(import.meta.dirname, '../../..');

/** What a plugin is started with in the tests of its image, and what it is to publish then. */
export interface FixtureHost {
  readonly tree: FixtureTree;
  readonly flags: readonly string[];
  readonly resource: string;
  readonly devices: number;
}

/**
 * A host for each plugin, of the fixtures in its own tests. They are found by their path: tools and plugins do not import each
 * other.
 */
export async function fixtureHosts(): Promise<Readonly<Record<string, FixtureHost>>> {
  const gpu = await fixture<{ gpuTree(cards: unknown): FixtureTree }>('gpu-plugin', 'gpu-tree');
  const qat = await fixture<QatFixture>('qat-plugin', 'qat-host');
  const fpga = await fixture<{ fpgaHost(card: unknown): FixtureTree; d842: string; ce48: string }>(
    'fpga-plugin',
    'fpga-host',
  );
  const card = { driver: 'dfl', number: 0, bdf: '0000:3b:00.0', fmes: { 0: fpga.ce48 }, ports: { 0: fpga.d842 } };
  const prefix = ['-prefix', '/host'];
  const hosts = {
    'gpu-plugin': { tree: gpu.gpuTree({ 0: {}, 1: {} }), flags: prefix, resource: 'gpu.intel.com/i915', devices: 2 },
    'qat-plugin': {
      tree: { ...qat.drivers('vfio-pci', '4xxxvf'), ...qat.pfTree(qat.cryptoPf('6b', 2)), ...qat.groupNodes(100, 101) },
      flags: prefix,
      resource: 'qat.intel.com/cy',
      devices: 2,
    },
    'fpga-plugin': {
      tree: fpga.fpgaHost(card),
      flags: [...prefix, '-mode', 'region'],
      resource: `fpga.intel.com/region-${fpga.ce48}`,
      devices: 1,
    },
    'simple-plugin': {
      tree: {
        'config.yaml':
          'simulated: [{ resourceName: example.com/steady, numberDevicesOnNode: 4, deviceIDPrefix: steady }]\n',
      },
      flags: ['-config', '/host/config.yaml'],
      resource: 'example.com/steady',
      devices: 4,
    },
  };
  const hosted = ['gpu-plugin', 'qat-plugin', 'fpga-plugin'] as const;
  const tree = Object.assign({}, ...hosted.map((name) => hosts[name].tree)) as FixtureTree;
  return { ...hosts, all: { ...hosts['qat-plugin'], tree, flags: [...prefix, '-plugins=gpu,qat,fpga'] } };
}

interface QatFixture {
  drivers(...names: string[]): FixtureTree;
  cryptoPf(bus: string, vfCount: number): unknown;
  pfTree(pf: unknown): FixtureTree;
  groupNodes(...groups: number[]): FixtureTree;
}

async function fixture<T>(plugin: string, name: string): Promise<T> {
  return (await import(join(root, 'packages', plugin, 'test/fixtures', `${name}.ts`))) as T;
}
