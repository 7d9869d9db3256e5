// SPDX-License-Identifier: Apache-2.0
import { access } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { deviceplugin } from '@kube-device-plugins/core/kubelet-api';

type Content = deviceplugin.ContainerAllocateResponse;

/** What is wrong with what one container is given; paths of the host may also lie below `prefix`. */
export async function contentProblem(content: Content, prefix: string): Promise<string | undefined> {
  for (const { containerPath, hostPath, permissions } of content.devices) {
    if (!/^[rwm]{1,3}$/.test(permissions)) return `the permissions of ${hostPath} are ${JSON.stringify(permissions)}`;
    const problem = await pathProblem(containerPath, hostPath, prefix);
    if (problem !== undefined) return problem;
  }
  for (const { containerPath, hostPath } of content.mounts) {
    const problem = await pathProblem(containerPath, hostPath, prefix);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** What is wrong with what a container with several devices is given, by what each device gives alone. */
export function mergeProblem(all: Content | undefined, singles: readonly Content[]): string | undefined {
  if (all === undefined) return 'no answer';
  const keys = keysOf(all);
  const repeated = keys.find((key, i) => keys.indexOf(key) !== i);
  if (repeated !== undefined) return `${repeated} is given twice`;
  const missing = singles.flatMap(keysOf).find((key) => !keys.includes(key));
  return missing === undefined ? undefined : `${missing} is missing`;
}

/** Whether a container is given the same, in whatever order. */
export function sameContent(one: Content | undefined, other: Content | undefined): boolean {
  return isDeepStrictEqual(sorted(one), sorted(other));
}

/** What tells two answers apart, for a message. */
export function differenceOf(one: Content | undefined, other: Content | undefined): string {
  const [first, second] = [partsOf(one), partsOf(other)];
  const extra = first.filter((part) => !second.includes(part));
  const missing = second.filter((part) => !first.includes(part));
  if (extra.length === 0 && missing.length === 0) return 'something is there more than once';
  const told = (verb: string, parts: readonly string[]): string[] =>
    parts.length === 0 ? [] : [`${verb} ${parts.join(', ')}`];
  return [...told('it has', extra), ...told('it lacks', missing)].join('; ');
}

function partsOf(content: Content | undefined): string[] {
  if (content === undefined) return [];
  const { devices, mounts, cdiDevices, envs, annotations } = content;
  const paths = [...devices, ...mounts].map((path) => JSON.stringify(path));
  const texts = Object.entries({ ...envs, ...annotations }).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return [...paths, ...cdiDevices.map(({ name }) => name), ...texts];
}

/** What the kubelet merges by: variables and annotations by name, the others by their path in the container. */
function keysOf({ devices, mounts, cdiDevices, envs, annotations }: Content): string[] {
  return [
    ...devices.map(({ containerPath }) => `device ${containerPath}`),
    ...mounts.map(({ containerPath }) => `mount ${containerPath}`),
    ...cdiDevices.map(({ name }) => `CDI device ${name}`),
    ...Object.keys(envs).map((name) => `variable ${name}`),
    ...Object.keys(annotations).map((name) => `annotation ${name}`),
  ];
}

function sorted(content: Content | undefined): object | undefined {
  const byText = (items: readonly object[]): string[] => items.map((item) => JSON.stringify(item)).sort();
  return (
    content && {
      ...content,
      devices: byText(content.devices),
      mounts: byText(content.mounts),
      cdiDevices: byText(content.cdiDevices),
    }
  );
}

async function pathProblem(containerPath: string, hostPath: string, prefix: string): Promise<string | undefined> {
  if (!isAbsolute(containerPath)) return `the path in the container, ${JSON.stringify(containerPath)}, is not absolute`;
  const exists = async (path: string): Promise<boolean> =>
    await access(path).then(
      () => true,
      () => false,
    );
  if ((await exists(hostPath)) || (await exists(join(prefix, hostPath)))) return undefined;
  return `${JSON.stringify(hostPath)} is not on the host`;
}
