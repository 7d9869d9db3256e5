// SPDX-License-Identifier: Apache-2.0
import { node } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { overlay } from '../src/overlay.ts';
import type { PluginUnderTest } from '../src/plugin-under-test.ts';

const program = { bundle: 'gpu-fakedev', command: 'intel_gpu_fakedev', args: ['-json', '{files}/gpus.json'] };
const gpu: PluginUnderTest = {
  plugin: 'gpu-plugin',
  hardwareProgram: program,
  files: { 'gpus.json': '{}' },
  nodes: 'prefix',
  flags: ['-shared-dev-num=2', '-x={files}/x'],
  resources: {},
  pod: { limits: {}, devices: [] },
};
const image = {
  name: 'kube-device-plugins/intel-gpu-plugin',
  newName: 'registry.test/x/intel-gpu-plugin',
  newTag: 'abc',
};
const settings = {
  image,
  base: '../base',
  namespace: 'ns',
  toolsImage: 'busybox:1.37',
  nullNodesScript: '#!/bin/sh\n',
};
describe('overlay()', () => {
  it('has the program of the plugin make the hardware, and then makes the nodes there', () => {
    const [hardware, nodes] = initContainers(overlay(gpu, settings));
    expect(hardware).toMatchObject({
      image: image.name,
      command: ['/usr/local/bin/intel_gpu_fakedev'],
      args: ['-json', '/e2e/files/gpus.json'],
      workingDir: '/var/lib/kube-device-plugins-e2e/gpu-plugin',
    });
    const place = '/var/lib/kube-device-plugins-e2e/gpu-plugin';
    expect(nodes).toMatchObject({ image: 'busybox:1.37', command: ['sh', '/e2e/files/null-nodes.sh', place, place] });
  });

  it('has a script make the hardware that is told as a tree, and nodes in /dev of the node', () => {
    const files = overlay(
      { ...gpu, hardware: { '/dev/x': node('c', 1, 3) }, hardwareProgram: undefined as never, nodes: 'host' },
      settings,
    );
    expect(files['hardware.sh']).toContain("echo 'c 1:3' >'dev/x'");
    const [hardware, nodes] = initContainers(files);
    expect(hardware).toMatchObject({
      image: 'busybox:1.37',
      command: ['sh', '/e2e/files/hardware.sh', expect.any(String)],
    });
    expect(nodes).toMatchObject({
      command: expect.arrayContaining(['/e2e/host']) as string[],
      volumeMounts: expect.arrayContaining([{ name: 'e2e-dev', mountPath: '/e2e/host/dev' }]) as unknown[],
      securityContext: { capabilities: { drop: ['ALL'], add: ['MKNOD'] } },
    });
  });
});

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
}

function initContainers(files: Readonly<Record<string, string>>): readonly Container[] {
  const operations = parse(files['hardware.yaml'] ?? '') as readonly { path: string; value: unknown }[];
  return operations.find(({ path }) => path.endsWith('/initContainers'))?.value as readonly Container[];
}
