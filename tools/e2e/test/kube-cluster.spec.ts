// SPDX-License-Identifier: Apache-2.0
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { KubeCluster } from '../src/kube-cluster.ts';
import { kubectl } from '../src/kubectl.ts';
import type { PluginUnderTest } from '../src/plugin-under-test.ts';
import { readSettings } from '../src/settings.ts';

const subject: PluginUnderTest = {
  plugin: 'qat-plugin',
  hardware: { '/sys/x': 'y' },
  nodes: 'host',
  resources: { 'qat.intel.com/cy': 2 },
  pod: { limits: { 'qat.intel.com/cy': 1 }, devices: [] },
};

let place = '';

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'kdp-'));
  mkdirSync(join(place, 'bin'));
  vi.stubEnv('PATH', `${join(place, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(place, { recursive: true });
});

/** A kubectl that writes down how it is called, and answers as these lines of sh do. */
function recordingKubectl(answers = ''): void {
  const file = join(place, 'bin/kubectl');
  const nodes = '{"items":[{"status":{"allocatable":{"cpu":"4","qat.intel.com/cy":"2"}}},{"status":{}}]}';
  const script = `#!/bin/sh
echo "$*" >>${join(place, 'calls')}
${answers}
case "$*" in
  *'apply -k '*) cp -R "$3" ${join(place, 'applied')} ;;
  *'apply -f -') cat >${join(place, 'pod.json')} ;;
  *'get nodes'*) echo '${nodes}' ;;
  *'get daemonsets'*) echo daemonset.apps/intel-qat-plugin ;;
  *logs*) printf '/dev/vfio/vfio\\n/dev/null\\n--- environment\\nQAT0=0000:6b:00.1\\n' ;;
esac
`;
  writeFileSync(file, script);
  chmodSync(file, 0o755);
}

/** With the directory of the overlay by a name, for it is another one each time. */
function calls(): string[] {
  return readFileSync(join(place, 'calls'), 'utf8')
    .trim()
    .split('\n')
    .map((call) => call.replace(/-k \S+/, '-k DIRECTORY'));
}

async function cluster(): Promise<KubeCluster> {
  return new KubeCluster(subject, await readSettings(join(import.meta.dirname, '../../..'), 'qat-plugin', {}));
}

describe('KubeCluster', () => {
  it('applies the overlay and waits for the DaemonSet', async () => {
    recordingKubectl();
    const place = await cluster();
    await place.deploy();
    await place.close();
    expect(calls()).toEqual([
      'apply -k DIRECTORY',
      '--namespace kdp-e2e-qat-plugin get daemonsets -o name',
      '--namespace kdp-e2e-qat-plugin rollout status daemonset.apps/intel-qat-plugin --timeout=180s',
      'delete -k DIRECTORY --ignore-not-found --timeout=180s',
    ]);
  });

  it('has the overlay complete when it applies it, and leaves no file', async () => {
    recordingKubectl();
    const target = await cluster();
    await target.deploy();
    const kustomization = readFileSync(join(place, 'applied/kustomization.yaml'), 'utf8');
    expect(kustomization).toMatch(/- (\.\.\/)+.*deployments\/qat-plugin$/m);
    const [, directory = ''] = /apply -k (\S+)/.exec(readFileSync(join(place, 'calls'), 'utf8')) ?? [];
    expect(existsSync(directory)).toBe(true);
    await target.close();
    expect(existsSync(directory)).toBe(false);
  });

  it('knows what nodes have, and nothing of what they have not', async () => {
    recordingKubectl();
    const target = await cluster();
    expect(await target.allocatable('qat.intel.com/cy')).toBe(2);
    expect(await target.allocatable('qat.intel.com/dc')).toBe(0);
    expect(calls()[0]).toBe('get nodes -o json');
  });

  it('runs a pod to its end and reads what it printed', async () => {
    recordingKubectl();
    const output = await (await cluster()).runPod('first', { 'qat.intel.com/cy': 1 });
    expect(output).toEqual({ devices: ['/dev/vfio/vfio'], env: { QAT0: '0000:6b:00.1' } });
    expect(JSON.parse(readFileSync(join(place, 'pod.json'), 'utf8'))).toMatchObject({ metadata: { name: 'first' } });
    expect(calls()).toEqual([
      '--namespace kdp-e2e-qat-plugin apply -f -',
      '--namespace kdp-e2e-qat-plugin wait pod/first --for=jsonpath={.status.phase}=Succeeded --timeout=180s',
      '--namespace kdp-e2e-qat-plugin logs pod/first',
      '--namespace kdp-e2e-qat-plugin delete pod/first',
    ]);
  });

  it('restarts the plugin as an update does', async () => {
    recordingKubectl();
    await (await cluster()).restartPlugin();
    expect(calls().filter((call) => call.includes('rollout'))).toEqual([
      '--namespace kdp-e2e-qat-plugin rollout restart daemonset.apps/intel-qat-plugin',
      '--namespace kdp-e2e-qat-plugin rollout status daemonset.apps/intel-qat-plugin --timeout=180s',
    ]);
  });

  it('says what the pods say of themselves when one does not end', async () => {
    recordingKubectl(
      `case "$*" in *wait*) echo timed out >&2; exit 1 ;; *describe*) echo 'Back-off pulling image' ;; esac`,
    );
    const failing = (await cluster()).runPod('first', {});
    await expect(failing).rejects.toThrow(/pod first did not come to its end[\s\S]*Back-off pulling image/);
  });
});

describe('kubectl()', () => {
  it('names the command and what it printed when it fails', async () => {
    recordingKubectl('echo no such server >&2; exit 3');
    await expect(kubectl(['get', 'nodes'])).rejects.toThrow(
      'kubectl get nodes failed with exit code 3: no such server',
    );
  });

  it('says so where there is none', async () => {
    vi.stubEnv('PATH', join(place, 'bin'));
    await expect(kubectl(['version'])).rejects.toThrow('kubectl cannot be started: install it');
  });
});
