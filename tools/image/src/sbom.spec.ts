// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { imageSbom, parseDebianControl, type Sbom, type SbomComponent } from './sbom.ts';

const npm = (name: string, version: string): SbomComponent => ({
  'bom-ref': `${name}@${version}`,
  type: 'library',
  name,
  version,
  purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
  properties: [{ name: 'cdx:npm:package:path', value: `node_modules/${name}` }],
});

/** As npm makes it: it calls the packages of a workspace by their folders. */
const ofNpm: Sbom = {
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  metadata: { component: npm('folder', '0.1.0'), tools: [] },
  components: [
    npm('pino', '10.4.0'),
    npm('protobufjs', '7.6.6'),
    { ...npm('core', '0.1.0'), purl: 'pkg:npm/%40kube-device-plugins/core@0.1.0' },
    { ...npm('testkit', '0.1.0'), purl: 'pkg:npm/%40kube-device-plugins/testkit@0.1.0' },
  ],
  dependencies: [
    { ref: 'folder@0.1.0', dependsOn: ['core@0.1.0'] },
    { ref: 'core@0.1.0', dependsOn: ['pino@10.4.0', 'protobufjs@7.6.6'] },
    { ref: 'pino@10.4.0' },
    { ref: 'protobufjs@7.6.6' },
  ],
};

const content = {
  name: 'intel-gpu-plugin',
  version: '1.0',
  licenses: 'this file\n----\n\npino 10.4.0\nLicense: MIT\n',
  nodeVersion: '24.21.0',
  debian: [{ name: 'libstdc++6', version: '12.2.0-14+deb12u1', architecture: 'amd64' }],
};

describe('imageSbom()', () => {
  it('has what is bundled, Node.js and the libraries, and nothing else', () => {
    const { components, metadata } = imageSbom(ofNpm, content);
    expect(components.map(({ purl }) => purl)).toEqual([
      'pkg:npm/pino@10.4.0',
      'pkg:npm/%40kube-device-plugins/core@0.1.0',
      'pkg:generic/node@24.21.0',
      'pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1?arch=amd64',
    ]);
    expect(JSON.stringify(components)).not.toContain('node_modules');
    expect(metadata).toMatchObject({
      lifecycles: [{ phase: 'build' }],
      component: { type: 'container', name: 'intel-gpu-plugin', version: '1.0' },
    });
  });

  it('names in its dependencies only what it has', () => {
    const { components, dependencies } = imageSbom(ofNpm, content);
    const refs = components.map((component) => component['bom-ref']);
    expect(dependencies).toEqual([
      { ref: 'intel-gpu-plugin@1.0', dependsOn: refs },
      { ref: 'core@0.1.0', dependsOn: ['pino@10.4.0'] },
      { ref: 'pino@10.4.0', dependsOn: [] },
    ]);
  });

  it('says nothing of a Node.js that it does not know', () => {
    const { components } = imageSbom(ofNpm, { ...content, nodeVersion: undefined, debian: [] });
    expect(components.map(({ type }) => type)).toEqual(['library', 'library']);
  });
});

describe('parseDebianControl()', () => {
  it('takes the fields that name a package', () => {
    const control =
      'Package: libc6\nStatus: install ok installed\nArchitecture: arm64\nVersion: 2.41-12\nDescription: x\n';
    expect(parseDebianControl(control)).toEqual({ name: 'libc6', version: '2.41-12', architecture: 'arm64' });
  });

  it.each(['', 'Package: x\nVersion: 1\n', 'Version: 1\nArchitecture: all\n'])('takes %j for none', (text) => {
    expect(parseDebianControl(text)).toBeUndefined();
  });
});
