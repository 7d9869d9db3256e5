// SPDX-License-Identifier: Apache-2.0
import { ImageError } from './image-error.ts';
import { type Architecture, type BuilderName, builderNames } from './options.ts';
import { capture, type Command, type Run, run, succeeds } from './run-command.ts';

/** What one image is built from. */
export interface BuildOrder {
  readonly dockerfile: string;
  readonly context: string;
  /** Name and tag of what is made. */
  readonly image: string;
  readonly architecture: Architecture;
  readonly args: Readonly<Record<string, string>>;
  /** Seconds since 1970, for all times in the image. */
  readonly timestamp: number;
  /** No base is looked for in a registry. */
  readonly isLocal: boolean;
  /** A layer for each line that copies, where buildah and podman would make one of all. */
  readonly hasLayers: boolean;
}

/**
 * The one that is asked for, or the first that works; docker may be there without its daemon.
 *
 * @throws ImageError when there is none.
 */
export async function findBuilder(wanted: BuilderName | undefined, options: Run): Promise<BuilderName> {
  for (const name of wanted === undefined ? builderNames : [wanted]) {
    if (await works(name, options)) return name;
  }
  throw new ImageError(
    wanted === undefined
      ? `none of ${builderNames.join(', ')} works here: install one (apt-get install buildah), or start docker's daemon`
      : `${wanted} cannot build here: ${remedies[wanted]}`,
  );
}

const remedies: Readonly<Record<BuilderName, string>> = {
  docker: "'docker info' or 'docker buildx version' fails; start its daemon, and install buildx",
  podman: "'podman info' fails; apt-get install podman",
  buildah: "'buildah info' fails; apt-get install buildah",
};

async function works(name: BuilderName, options: Run): Promise<boolean> {
  if (!(await succeeds([name, 'info'], options))) return false;
  // The old builder of docker knows no architectures.
  return name !== 'docker' || (await succeeds(['docker', 'buildx', 'version'], options));
}

/** Builds an image. What the builder leaves behind when it is interrupted is told on standard error, with the command that removes it. */
export async function build(builder: BuilderName, order: BuildOrder, options: Run): Promise<void> {
  const before = await workingContainers(builder, options);
  try {
    await run(buildCommand(builder, order), options);
  } catch (error) {
    if (options.signal.aborted) {
      const inTime = { ...options, signal: AbortSignal.timeout(10_000) };
      const after = await workingContainers(builder, inTime).catch(() => []);
      const left = after.filter((id) => !before.includes(id));
      // Nothing says whose they are, so they are not removed here.
      // Those that are still mounted, which podman refuses otherwise.
      const force = builder === 'podman' ? '--force ' : '';
      if (left.length > 0)
        console.error(
          `containers that are new since this build began, its own unless another one is running: ${builder} rm ${force}${left.join(' ')}`,
        );
    }
    throw error;
  }
}

/** Ids of the containers that builds of buildah and podman work in. */
async function workingContainers(builder: BuilderName, options: Run): Promise<readonly string[]> {
  const list = { docker: undefined, podman: podmanContainers, buildah: buildahContainers }[builder];
  if (list === undefined) return [];
  try {
    const lines = (await capture(list, options)).split('\n');
    return lines.flatMap((line) => /^([\da-f]+)( Storage)?$/.exec(line)?.[1] ?? []);
  } catch (error) {
    if (error instanceof ImageError) return [];
    throw error;
  }
}

const buildahContainers: Command = ['buildah', 'containers', '--quiet'];
/** Those that podman runs have another status. */
const podmanContainers: Command = ['podman', 'ps', '--all', '--external', '--format', '{{.ID}} {{.Status}}'];

/** The command that builds. Buildah and podman are one program here, and neither needs rights for a namespace with this isolation. */
export function buildCommand(builder: BuilderName, order: BuildOrder): Command {
  const { dockerfile, context, image, architecture, args, timestamp, isLocal, hasLayers } = order;
  const common = ['--platform', `linux/${architecture}`, '--file', dockerfile, '--tag', image];
  const buildArgs = Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  if (builder === 'docker') {
    const time = ['--build-arg', `SOURCE_DATE_EPOCH=${timestamp}`];
    // Into the store of the daemon, also from a builder of its own.
    return ['docker', 'buildx', 'build', '--load', '--provenance=false', ...common, ...time, ...buildArgs, context];
  }
  const how = ['--isolation', 'chroot', '--force-rm', '--timestamp', String(timestamp), `--layers=${hasLayers}`];
  const local = isLocal ? ['--pull=never'] : [];
  return [builder, 'build', ...how, ...local, ...common, ...buildArgs, context];
}

/** The command that writes an image to a file as `docker save` does. */
export function saveCommand(builder: BuilderName, image: string, file: string): Command {
  if (builder === 'buildah') return ['buildah', 'push', '--quiet', image, `docker-archive:${file}`];
  if (builder === 'podman') return ['podman', 'save', '--quiet', '--format', 'docker-archive', '--output', file, image];
  return ['docker', 'save', '--output', file, image];
}

/** Whether an image of this name is on this machine. */
export async function isPresent(builder: BuilderName, image: string, options: Run): Promise<boolean> {
  return await succeeds(
    [builder, ...(builder === 'buildah' ? ['inspect', '--type', 'image'] : ['image', 'inspect']), image],
    options,
  );
}

/** Makes one name, a manifest list, of images of several architectures; docker can do that in a registry only. */
export async function joinArchitectures(
  builder: BuilderName,
  name: string,
  images: readonly string[],
  options: Run,
): Promise<void> {
  if (builder === 'docker') return;
  // An older list may have it, or an image.
  for (const remove of [['manifest', 'rm'], ['rmi']]) await succeeds([builder, ...remove, name], options);
  await run([builder, 'manifest', 'create', name], options);
  for (const image of images)
    await run([builder, 'manifest', 'add', name, `containers-storage:${storedName(image)}`], options);
}

/** A name without a registry is one of this machine's for them. */
function storedName(image: string): string {
  return /^(localhost|[^/]*[.:][^/]*)\//.test(image) ? image : `localhost/${image}`;
}
