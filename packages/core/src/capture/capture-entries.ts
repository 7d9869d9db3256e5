// SPDX-License-Identifier: Apache-2.0
import { unpackTar, type ParsedTarEntryWithData } from 'modern-tar';
import { DevicePluginError } from '../errors.ts';

/** What lies at a path of a capture. A device node is a file with the text `c 226:128`. */
export type CaptureEntry =
  | { readonly kind: 'file'; readonly text: string }
  | { readonly kind: 'directory' }
  /** Relative, `..` at its beginning only. */
  | { readonly kind: 'link'; readonly target: string };

/** Path below the root, such as `sys/class/drm`, → what lies there. */
export type CaptureEntries = ReadonlyMap<string, CaptureEntry>;

/** Most bytes of the archive, unpacked; the attributes of a node with 4,000 virtual functions take a tenth of it. */
export const maxCaptureBytes = 64 * 1024 * 1024;

/** Most entries: a path takes 512 bytes at the least. */
export const maxCaptureEntries = 100_000;

/**
 * Reads a tar archive that may be from anybody. What comes out stays below any directory that it is written to: no path and no symlink leads
 * out, nothing lies below a file or a symlink, and there are only files, directories and symlinks.
 *
 * @throws DevicePluginError `CAPTURE_INVALID` for anything else, with the entry at fault.
 */
export async function readCaptureEntries(archive: Uint8Array): Promise<CaptureEntries> {
  const entries = new Map<string, CaptureEntry>();
  for (const found of await unpack(archive)) {
    const path = checkedPath(found.header.name);
    if (path === '') continue;
    const known = entries.get(path);
    const entry = toEntry(path, found);
    if (known !== undefined && !(known.kind === 'directory' && entry.kind === 'directory'))
      throw invalid(path, 'is there twice');
    entries.set(path, entry);
  }
  for (const path of entries.keys()) mustLieInDirectories(path, entries);
  return entries;
}

async function unpack(archive: Uint8Array): Promise<readonly ParsedTarEntryWithData[]> {
  let count = 0;
  const filter = (): boolean => {
    count += 1;
    if (count > maxCaptureEntries) throw new RangeError(`it has more than ${maxCaptureEntries} entries`);
    return true;
  };
  try {
    return await unpackTar(archive, { strict: true, filter });
  } catch (cause) {
    throw new DevicePluginError('CAPTURE_INVALID', 'it is no tar archive, or a damaged one', { cause });
  }
}

/** Without `./` in front and `/` behind. Empty for the root itself. */
function checkedPath(name: string): string {
  const parts = name.replace(/\/+$/, '').split('/');
  if (parts[0] === '.') parts.shift();
  const isSafe = parts.every((part) => part !== '' && part !== '.' && part !== '..' && part.length <= maxNameLength);
  if ((parts.length > 0 && !isSafe) || name.includes('\0') || name.length > maxPathLength)
    throw invalid(name, 'has a path that could lead out of the capture');
  return parts.join('/');
}

function toEntry(path: string, { header, data }: ParsedTarEntryWithData): CaptureEntry {
  if (header.type === 'directory') return { kind: 'directory' };
  if (header.type === 'symlink') return { kind: 'link', target: checkedTarget(path, header.linkname ?? '') };
  if (header.type === 'file') return { kind: 'file', text: new TextDecoder().decode(data) };
  throw invalid(path, `is neither file, directory nor symlink, but of the type ${header.type ?? 'unknown'}`);
}

/** With `..` at the beginning only, no chain of such links leads higher than the one that begins it. */
function checkedTarget(path: string, target: string): string {
  const parts = target.split('/');
  const ups = parts.findIndex((part) => part !== '..');
  const climbs = ups === -1 ? parts.length : ups;
  const isSafe = climbs < path.split('/').length && !parts.slice(climbs).includes('..');
  if (!isSafe || parts[0] === '' || target.includes('\0') || target.length > maxPathLength)
    throw invalid(path, `is a symlink that could lead out of the capture: ${JSON.stringify(target)}`);
  return target;
}

/** Directories on the way need no entries of their own. */
function mustLieInDirectories(path: string, entries: CaptureEntries): void {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    const above = entries.get(path.slice(0, end));
    if (above !== undefined && above.kind !== 'directory') throw invalid(path, `lies below a ${above.kind}`);
  }
}

function invalid(path: string, problem: string): DevicePluginError {
  return new DevicePluginError('CAPTURE_INVALID', `its entry ${JSON.stringify(path.slice(0, 200))} ${problem}`);
}

/** Linux, include/uapi/linux/limits.h: NAME_MAX and PATH_MAX. */
const [maxNameLength, maxPathLength] = [255, 4096];
