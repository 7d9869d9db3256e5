// SPDX-License-Identifier: Apache-2.0
import type { FileHandle } from 'node:fs/promises';

/** Something in a tar archive, and where its content lies in the file. */
export interface TarEntry {
  /** Without leading `./` and `/`, without trailing `/`. */
  readonly path: string;
  readonly kind: 'file' | 'link' | 'directory' | 'other';
  readonly mode: number;
  readonly uid: number;
  readonly target: string;
  readonly offset: number;
  readonly bytes: number;
}

/** Which part of a file is the archive. */
export interface TarPlace {
  readonly offset: number;
  readonly bytes: number;
}

const blockBytes = 512;
/** Names of files; an archive with a longer one is none of ours. */
const longestText = 65_536;

/**
 * The entries of an uncompressed tar archive, which may lie inside another one.
 *
 * Source: POSIX.1-2008, pax, "ustar Interchange Format" and "pax Header Block"; GNU tar manual, "Basic Tar Format", for type L and K.
 *
 * @throws Error for what is not such an archive.
 */
export async function* readTar(file: FileHandle, place: TarPlace): AsyncGenerator<TarEntry> {
  const end = place.offset + place.bytes;
  let position = place.offset;
  let overrides: Overrides = {};
  while (position + blockBytes <= end) {
    const header = await readPart(file, position, blockBytes);
    if (header[0] === 0) return;
    const raw = parseHeader(header, overrides);
    const offset = position + blockBytes;
    if (offset + raw.bytes > end) throw new Error(`the archive ends inside of ${raw.path}`);
    position = offset + Math.ceil(raw.bytes / blockBytes) * blockBytes;
    const more = await overridesOf(file, raw.type, { offset, bytes: raw.bytes });
    if (more !== undefined) {
      overrides = { ...overrides, ...more };
      continue;
    }
    overrides = {};
    const { type, path, ...rest } = raw;
    yield { ...rest, path: path.replace(/^(?:\.?\/)+|\/+$/g, ''), kind: kinds[type] ?? 'other', offset };
  }
}

/** A part of a file, whole. */
export async function readPart(file: FileHandle, position: number, bytes: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, position);
  if (bytesRead < bytes) throw new Error(`the file ends ${bytes - bytesRead} bytes too early`);
  return buffer;
}

interface Overrides {
  readonly path?: string;
  readonly linkpath?: string;
  readonly size?: string;
}

const kinds: Readonly<Record<string, TarEntry['kind']>> = {
  '0': 'file',
  '\0': 'file',
  '1': 'link',
  '2': 'link',
  '5': 'directory',
};

function parseHeader(header: Buffer, { path, linkpath, size }: Overrides) {
  const string = (from: number, length: number): string =>
    header.toString('utf8', from, from + length).replace(/\0.*$/s, '');
  const octal = (from: number, length: number): number => {
    const digits = string(from, length).trim();
    if (!/^[0-7]*$/.test(digits)) throw new Error(`'${digits}' in the header of an archive is not an octal number`);
    return digits === '' ? 0 : Number.parseInt(digits, 8);
  };
  const prefix = string(257, 5) === 'ustar' && header[263] !== 0x20 ? string(345, 155) : '';
  const bytes = size === undefined ? octal(124, 12) : Number(size);
  if (!Number.isSafeInteger(bytes) || bytes < 0) throw new Error(`an archive says that a file has ${size} bytes`);
  return {
    path: path ?? (prefix === '' ? string(0, 100) : `${prefix}/${string(0, 100)}`),
    mode: octal(100, 8),
    uid: octal(108, 8),
    bytes,
    type: String.fromCharCode(header[156] ?? 0),
    target: linkpath ?? string(157, 100),
  };
}

/** What a header of its own says about the entry behind it; undefined for an entry. */
async function overridesOf(
  file: FileHandle,
  type: string,
  { offset, bytes }: TarPlace,
): Promise<Overrides | undefined> {
  if (!/[xgLK]/.test(type)) return undefined;
  if (bytes > longestText) throw new Error(`an archive has a header of ${bytes} bytes`);
  const content = await readPart(file, offset, bytes);
  if (type === 'L') return { path: content.toString('utf8').replace(/\0.*$/s, '') };
  if (type === 'K') return { linkpath: content.toString('utf8').replace(/\0.*$/s, '') };
  return type === 'x' ? paxRecords(content) : {};
}

/** Records of the form "LENGTH KEY=VALUE\n"; the length counts all of it. */
function paxRecords(content: Buffer): Overrides {
  const records: Record<string, string> = {};
  for (let start = 0; start < content.length;) {
    const length = Number.parseInt(content.toString('latin1', start, start + 8), 10);
    if (!(length > 0)) throw new Error('an archive has a pax header without a length');
    const record = content.toString('utf8', start, start + length - 1);
    const [key = '', ...value] = record.slice(record.indexOf(' ') + 1).split('=');
    records[key] = value.join('=');
    start += length;
  }
  return records;
}
