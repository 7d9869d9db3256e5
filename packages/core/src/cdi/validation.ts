// SPDX-License-Identifier: Apache-2.0
import {
  cdiHookNames,
  type CdiContainerEdits,
  type CdiDevice,
  type CdiDeviceNode,
  type CdiHook,
  type CdiMount,
} from './device.ts';
import { cdiFileName } from './file-name.ts';

/** NAME_MAX of Linux, in bytes; file names of devices are ASCII. */
const maxFileNameLength = 255;

/**
 * Everything that would make a container runtime reject the device, and with it the whole file, as sentences.
 * Source: container-device-interface, SPEC.md and pkg/cdi (validate.Kind, ContainerEdits.Validate, version requirements of 0.5.0).
 */
export function* cdiProblems(device: CdiDevice): Generator<string> {
  yield* kindProblems(device.kind);
  if (!/^[a-z\d]([\w.:-]*[a-z\d])?$/i.test(device.name)) {
    yield `the name ${quoted(device.name)} has to start and end with a letter or digit, with letters, digits and _ . : - in between`;
  }
  if (cdiFileName(device).length > maxFileNameLength)
    yield `kind and name are too long for a file name of ${maxFileNameLength} bytes`;
  yield* editProblems(device.containerEdits);
}

function* kindProblems(kind: string): Generator<string> {
  const [vendor = '', deviceClass = '', ...rest] = kind.split('/');
  if (rest.length > 0 || deviceClass === '') yield `the kind ${quoted(kind)} is not vendor/class`;
  if (!/^[a-z]([\w.-]*[a-z\d])?$/i.test(vendor)) {
    yield `the vendor ${quoted(vendor)} has to start with a letter and end with a letter or digit, with letters, digits and _ . - in between`;
  }
  // A dot in the class needs version 0.6.0.
  if (!/^[a-z]([\w-]*[a-z\d])?$/i.test(deviceClass)) {
    yield `the class ${quoted(deviceClass)} has to start with a letter and end with a letter or digit, with letters, digits and _ - in between`;
  }
}

function* editProblems({ env = [], deviceNodes = [], hooks = [], mounts = [] }: CdiContainerEdits): Generator<string> {
  if (env.length + deviceNodes.length + hooks.length + mounts.length === 0) yield 'there are no container edits';
  yield* env.flatMap(envProblems);
  for (const node of deviceNodes) yield* nodeProblems(node);
  for (const hook of hooks) yield* hookProblems(hook);
  for (const mount of mounts) yield* mountProblems(mount);
}

function envProblems(variable: string): string[] {
  return variable.indexOf('=') > 0 && isText(variable)
    ? []
    : [`the environment variable ${quoted(variable)} is not KEY=value`];
}

function* nodeProblems(node: CdiDeviceNode): Generator<string> {
  for (const path of [node.path, node.hostPath]) {
    if (path !== undefined) yield* pathProblems('device node', path);
  }
  if (!['b', 'c', 'u', 'p', undefined].includes(node.type))
    yield `the device node ${node.path} has the unknown type ${quoted(node.type)}`;
  if (!/^[rwm]*$/.test(node.permissions ?? ''))
    yield `the device node ${node.path} has permissions ${quoted(node.permissions)} other than r, w and m`;
  for (const key of ['major', 'minor', 'fileMode', 'uid', 'gid'] as const) {
    if (!isWholeNumber(node[key])) yield `the device node ${node.path} has a ${key} of ${node[key]}`;
  }
}

function* hookProblems(hook: CdiHook): Generator<string> {
  if (!cdiHookNames.includes(hook.hookName))
    yield `the hook ${quoted(hook.hookName)} is none of ${cdiHookNames.join(', ')}`;
  yield* pathProblems('hook', hook.path);
  yield* (hook.args ?? [])
    .filter((arg) => !isText(arg))
    .map((arg) => `the hook ${hook.path} has the argument ${quoted(arg)}, which is no text`);
  yield* (hook.env ?? []).flatMap(envProblems);
  // OCI runtime specification, config.md: a timeout is greater than zero.
  if (!isWholeNumber(hook.timeout) || hook.timeout === 0)
    yield `the hook ${hook.path} has a timeout of ${hook.timeout} s`;
}

function* mountProblems(mount: CdiMount): Generator<string> {
  // A name such as tmpfs is a source as well (mount(2)).
  if (mount.hostPath === '' || !isText(mount.hostPath))
    yield `the host path ${quoted(mount.hostPath)} of a mount is no path`;
  yield* pathProblems('mount', mount.containerPath);
  for (const text of [mount.type ?? '', ...(mount.options ?? [])]) {
    if (!isText(text)) yield `the mount ${mount.containerPath} has the option ${quoted(text)}, which is no text`;
  }
}

function pathProblems(what: string, path: string): string[] {
  return path.startsWith('/') && isText(path) ? [] : [`the path ${quoted(path)} of a ${what} is not absolute`];
}

/** A string that C programs and UTF-8 files can hold. */
function isText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** A number that fits all the fields of the Go structures, the smallest of which are uint32. */
function isWholeNumber(value: number | undefined): boolean {
  return value === undefined || (Number.isInteger(value) && value >= 0 && value < 2 ** 32);
}

function quoted(text: string | undefined): string {
  return JSON.stringify(text);
}
