// SPDX-License-Identifier: Apache-2.0
import { open } from 'node:fs/promises';
import { DevicePluginError } from '@kube-device-plugins/core';
import { parseFakeGpuSpec, type FakeGpuSpec } from './fake-gpu-spec.ts';

const maxBytes = 1024 * 1024;

/** Rejects with `FLAG_INVALID` without a file, and with `CONFIG_INVALID` when it cannot be read or is wrong. */
export async function readFakeGpuSpec(path: string): Promise<FakeGpuSpec> {
  if (path === '') throw new DevicePluginError('FLAG_INVALID', '-json: name the file that says which GPUs to fake');
  return parseFakeGpuSpec(await readBounded(path));
}

async function readBounded(path: string): Promise<string> {
  try {
    await using file = await open(path);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(maxBytes + 1), 0, maxBytes + 1, 0);
    if (bytesRead > maxBytes) throw new RangeError(`it has more than ${maxBytes} bytes`);
    return buffer.toString('utf8', 0, bytesRead);
  } catch (cause) {
    throw new DevicePluginError('CONFIG_INVALID', `cannot read the spec ${path}`, { cause });
  }
}
