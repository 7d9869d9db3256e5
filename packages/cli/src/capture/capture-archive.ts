// SPDX-License-Identifier: Apache-2.0
import { descriptionFile, type CaptureDescription, type CaptureEntry } from '@kube-device-plugins/core';
import { packTar, type TarEntry } from 'modern-tar';

/** A capture as a tar archive, which tar(1) extracts to a directory for `-prefix`. What it is of comes first. */
export function captureArchive(
  description: CaptureDescription,
  entries: ReadonlyMap<string, CaptureEntry>,
): Promise<Uint8Array> {
  const mtime = new Date(description.capturedAt);
  const about: CaptureEntry = { kind: 'file', text: `${JSON.stringify(description, undefined, 2)}\n` };
  return packTar(
    [[descriptionFile, about] as const, ...entries].map(([path, entry]) => toTarEntry(path, entry, mtime)),
  );
}

function toTarEntry(path: string, entry: CaptureEntry, mtime: Date): TarEntry {
  if (entry.kind === 'directory') return { header: { name: `${path}/`, type: 'directory', size: 0, mtime } };
  if (entry.kind === 'link')
    return { header: { name: path, type: 'symlink', linkname: entry.target, size: 0, mtime, mode: 0o777 } };
  return { header: { name: path, size: Buffer.byteLength(entry.text), mtime }, body: entry.text };
}
