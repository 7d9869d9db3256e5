// SPDX-License-Identifier: Apache-2.0
import { hostFixture } from '@kube-device-plugins/testkit';
import { describe, expect, it } from 'vitest';
import { defaultConfigDirectory, readConfigFiles } from './config-files.ts';

describe('readConfigFiles()', () => {
  it('reads the general file and then the one of the node', async () => {
    await using fixture = await hostFixture({
      'conf/qat.conf': 'a=1',
      'conf/qat-node1.conf': 'a=2',
      'conf/qat-node2.conf': 'a=3',
    });
    expect(await readConfigFiles(fixture.path('conf'), 'node1')).toEqual([
      { name: fixture.path('conf/qat.conf'), text: 'a=1' },
      { name: fixture.path('conf/qat-node1.conf'), text: 'a=2' },
    ]);
  });

  it.each([undefined, '', 'node9'])('reads what there is for node %j', async (nodeName) => {
    await using fixture = await hostFixture({ 'conf/qat-.conf': 'a=1' });
    expect(await readConfigFiles(fixture.path('conf'), nodeName)).toEqual([]);
    expect(await readConfigFiles(defaultConfigDirectory, nodeName)).toEqual([]);
  });

  it.each(['../secret', 'a/b', 'Node', '.'])('refuses the name %j', async (nodeName) => {
    await expect(readConfigFiles('/nowhere', nodeName)).rejects.toMatchObject({ code: 'FLAG_INVALID' });
  });

  it('refuses a directory that is not there and not the default', async () => {
    await expect(readConfigFiles('/nowhere/conf', undefined)).rejects.toMatchObject({
      code: 'FLAG_INVALID',
      message: 'the directory of -config-dir does not exist: /nowhere/conf',
    });
  });

  it('refuses a file of more than 64 KiB', async () => {
    await using fixture = await hostFixture({ 'qat.conf': 'x'.repeat(65_537) });
    await expect(readConfigFiles(fixture.root, undefined)).rejects.toMatchObject({ code: 'HOST_UNREADABLE' });
  });
});
