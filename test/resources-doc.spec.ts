// SPDX-License-Identifier: Apache-2.0
import { globSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AllocateResponse, DeviceInfo, DeviceTree } from '@kube-device-plugins/core';
import { describe, expect, it } from 'vitest';
import { rowsOf, table } from './support/flag-table.ts';

const root = join(import.meta.dirname, '..');
const file = join(root, 'docs/reference/resources.md');

/** What is shown of a tree. */
type Shown = Pick<DeviceTree, 'resources'>;

/** Plugins are no libraries of this project, so the compiler does not see what they export. */
async function load(path: string): Promise<Record<string, (...args: unknown[]) => unknown>> {
  return (await import(join(root, 'packages', path))) as Record<string, (...args: unknown[]) => unknown>;
}

describe('docs/reference/resources.md', () => {
  it.each([
    ['gpu-plugin', 'gpu.intel.com', gpuTrees],
    ['qat-plugin', 'qat.intel.com', qatTrees],
    ['fpga-plugin', 'fpga.intel.com', fpgaTrees],
    ['simple-plugin', '', simpleTrees],
  ] as const)('shows what containers get of %s (UPDATE_README=1 writes it)', async (plugin, namespace, trees) => {
    const rows = (await trees()).flatMap((tree) => examples(tree, namespace));
    const place = new RegExp(`(?<=<!-- ${plugin} -->).*(?=<!-- /${plugin} -->)`, 's');
    const text = table(['Resource', 'Id', 'Device nodes', 'Beside them'], rows);
    const page = await readFile(file, 'utf8');
    if (process.env['UPDATE_README'] === '1')
      await writeFile(
        file,
        page.replace(place, () => `\n\n${text}\n\n`),
      );
    const [found = ''] = place.exec(await readFile(file, 'utf8')) ?? [];
    expect(rows.length).toBeGreaterThan(0);
    expect(rowsOf(found)).toEqual(rowsOf(text));
  });

  it.each([
    ['fpga-plugin', 'fpga.intel.com/device-plugin-mode'],
    ['fpga-plugin', 'com.intel.fpga.mode'],
    ['fpga-plugin', 'fpga.intel.com/region'],
    ['fpga-plugin', 'FPGA_REGION_'],
    ['fpga-plugin', 'FPGA_AFU_'],
    ['fpga-plugin', 'pr/interface_id'],
    ['fpga-plugin', 'compat_id'],
    ['qat-plugin', 'qat/cfg_services'],
    ['qat-plugin', 'dev_cfg'],
    ['simple-plugin', 'squat.ai'],
    ['simple-plugin', 'RESOURCE_NAME'],
    ['simple-plugin', 'example.com/simple-device'],
  ])('names what %s has: %s', (plugin, word) => {
    const sources = globSync(`packages/${plugin}/src/**/*.ts`, { cwd: root, exclude: ['**/*.spec.ts'] });
    expect(sources.map((path) => readFileSync(join(root, path), 'utf8')).join('\n')).toContain(word);
    expect(readFileSync(file, 'utf8')).toContain(`\`${word}`);
  });
});

/** The first device of each resource. */
function examples(tree: Shown, namespace: string): string[][] {
  return [...tree.resources].map(([resource, devices]) => {
    const [[id, info] = []] = devices;
    if (id === undefined || info === undefined) throw new Error(`${resource} has no device to show`);
    const name = resource.includes('/') ? resource : `${namespace}/${resource}`;
    return [`\`${name}\``, `\`${id}\``, list(info.nodes.map(({ containerPath }) => containerPath)), beside(info)];
  });
}

function beside({ mounts = [], envs = {}, annotations = {}, cdiDevices = [] }: DeviceInfo): string {
  const parts = [
    ['mounted', mounts.map(({ containerPath }) => containerPath)],
    ['variable', Object.entries(envs).map(([name, value]) => `${name}=${value}`)],
    ['annotation', Object.entries(annotations).map(([name, value]) => `${name}=${value}`)],
    ['CDI', cdiDevices.map(({ kind, name }) => `${kind}=${name}`)],
  ] as const;
  return parts
    .filter(([, values]) => values.length > 0)
    .map(([what, values]) => `${what} ${list(values)}`)
    .join('; ');
}

function list(values: readonly string[]): string {
  return values.map((value) => `\`${value}\``).join(', ');
}

async function gpuTrees(): Promise<Shown[]> {
  const { gpuDeviceTree } = await load('gpu-plugin/src/device-tree.ts');
  const { cardDevice } = await load('gpu-plugin/src/device-tree/card-device.ts');
  const { wslDeviceTree } = await load('gpu-plugin/src/device-tree/wsl.ts');
  const { parseResourceRules } = await load('gpu-plugin/src/options/resource-template.ts');
  const onHost = (path: string): string => path;
  const cards = ['i915', 'xe'].map((driver, index) => ({
    name: `card${index}`,
    driver,
    bdf: `0000:0${index + 3}:00.0`,
    nodes: [`/dev/dri/card${index}`, `/dev/dri/renderD${128 + index}`],
    byPathLinks: ['card', 'render'].map((kind) => `/dev/dri/by-path/pci-0000:0${index + 3}:00.0-${kind}`),
    meiNodes: [`/dev/mei${index}`],
  }));
  const infoOf = (card: unknown, id: string): unknown => cardDevice?.(card, id, { byPath: 'single', onHost });
  const options = { shareCount: 1, idStyle: 'card', resourceRules: parseResourceRules?.('', 'gpu.intel.com') };
  const [single, split] = ['single', 'split'].map(
    (monitoring) => gpuDeviceTree?.(cards, infoOf, { ...options, monitoring }, [], onHost) as Shown,
  );
  const onlyMonitoring = { resources: new Map([...(split?.resources ?? [])].filter(([name]) => name.includes('_'))) };
  return [single, onlyMonitoring, wslDeviceTree?.([0], 1, undefined, onHost)] as Shown[];
}

async function qatTrees(): Promise<Shown[]> {
  const { qatDeviceTree, numberVariables } = await load('qat-plugin/src/device-tree.ts');
  const vf = { services: 'sym;asym', mounts: [], isAlive: true, pf: '0000:6b:00.0' };
  const group = { ...vf, bdf: '0000:6b:00.1', nodes: ['/dev/vfio/42', '/dev/vfio/vfio'] };
  const iommufd = { ...vf, services: 'dc', bdf: '0000:70:00.1', nodes: ['/dev/vfio/devices/vfio0', '/dev/iommu'] };
  const uio = {
    ...vf,
    services: '',
    bdf: '0000:3d:01.0',
    nodes: ['/dev/uio0'],
    mounts: ['/sys/class/uio/uio0/device'],
  };
  const tree = qatDeviceTree?.([group, iommufd, { ...group, services: 'sym;dc' }, uio]) as Shown;
  const allocated = [...tree.resources].map(([resource, devices]) => {
    const infos = [...devices].map(([id, info]): [string, DeviceInfo] => {
      const response = { containerResponses: [{ envs: { ...info.envs } }] } as unknown as AllocateResponse;
      numberVariables?.(response);
      return [id, { ...info, envs: response.containerResponses[0]?.envs ?? {} }];
    });
    return [resource, new Map(infos)] as const;
  });
  const { kernelDeviceTree } = await load('qat-plugin/src/device-tree/kernel-devices.ts');
  const section = { cyInstances: 1, dcInstances: 2, processes: 1, isPinned: false };
  const kernel = { id: 'dev0', type: 'c6xxvf', sections: new Map([['SHIM', section]]), uioNodes: ['uio4'] };
  return [{ resources: new Map(allocated) }, kernelDeviceTree?.({ devices: [kernel] }) as Shown];
}

async function fpgaTrees(): Promise<Shown[]> {
  const { fpgaDeviceTree } = await load('fpga-plugin/src/device-tree.ts');
  const pci = { bdf: '0000:5e:00.0' };
  const interfaceId = 'ce48969398f05f33946d560708be108a';
  const fme = { name: 'dfl-fme.0', node: '/dev/dfl-fme.0', directory: '', pci, interfaceId };
  const port = { name: 'dfl-port.0', node: '/dev/dfl-port.0', directory: '', pci, fme: fme.name };
  const snapshot = { fmes: [fme], ports: [{ ...port, afuId: 'd8424dc4a4a3c413f89e433683f9040b' }], notes: [] };
  return ['af', 'region', 'regiondevel'].map(
    (mode) => (fpgaDeviceTree?.(snapshot, mode) as { readonly tree: Shown }).tree,
  );
}

async function simpleTrees(): Promise<Shown[]> {
  const { deviceTree } = await load('simple-plugin/src/device-tree.ts');
  const [fuse, tty] = ['/dev/fuse', '/dev/ttyUSB0'].map((path) => ({
    name: [path],
    mounts: [],
    nodes: [{ hostPath: path, containerPath: path, permissions: 'rw' }],
  }));
  const found = [
    { name: 'example.com/tty', devices: [{ ...tty, count: 1 }] },
    { name: 'example.com/fuse', devices: [{ ...fuse, count: 10 }] },
  ];
  const resourceName = 'example.com/simple-device';
  const prefixes = { deviceIDPrefix: 'sim', annotationPrefix: 'sim', envPrefix: 'SIM', deviceFilePrefix: 'sim' };
  const simulated = { resourceName, ...prefixes, valueStyle: 'index', script: [] };
  const states = new Map([[resourceName, { devices: new Map([[0, undefined]]) }]]);
  return [deviceTree?.(found, { simulatedResources: [simulated], nodeName: 'node1' }, states) as Shown];
}
