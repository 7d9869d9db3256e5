// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { PluginProcess } from './plugin-process.ts';
import type { Rig } from './rig.ts';

export const red = 'red.example.com/card';
export const green = 'green.example.com/card';
export const blue = 'blue.example.com/card';

/** The three plugins in the directory of a rig, with these flags files. */
export async function start(
  rig: Rig,
  files: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<PluginProcess> {
  await mkdir(rig.temp.join('flags'));
  for (const [name, text] of Object.entries(files)) await writeFile(rig.temp.join('flags', name), text);
  const places = [`-device-plugin-path=${rig.dir}`, `-cdi-dir=${rig.temp.join('cdi')}`];
  const common = [...places, '-metrics-bind-address=127.0.0.1:0', '-scan-period=1h', '-v=1'];
  return new PluginProcess(
    'three-plugins',
    [...common, `-flags-dir=${rig.temp.join('flags')}`, '-plugins=red,green,blue', ...args],
    env,
  );
}

export async function listed(rig: Rig, resources: readonly string[], devices = 1): Promise<void> {
  for (const resource of resources) await rig.kubelet.waitFor({ resource, devices, state: 'connected' });
}

/** The answer of its one port. */
export async function get(plugin: PluginProcess, path: string): Promise<string> {
  await expect.poll(() => plugin.stderr).toContain('"serving metrics and health"');
  const base = `http://${/health" address="([^"]+)"/.exec(plugin.stderr)?.[1]}`;
  return await (await fetch(base + path)).text();
}

/** What a plugin that goes on has felt of it: nothing. */
export function expectUntouched(rig: Rig, resources: readonly string[]): void {
  for (const resource of resources) {
    expect(rig.kubelet.registrations(resource)).toBe(1);
    expect(rig.kubelet.resources().get(resource)?.state).toBe('connected');
  }
}
