// SPDX-License-Identifier: Apache-2.0
import { statfs } from 'node:fs/promises';
import { posix } from 'node:path';
import { kubeletSocketName, maxSocketPathBytes } from '../kubelet-api/constants.ts';
import { shortHash } from '../serve/short-hash.ts';
import {
  defineCheck,
  defineProcessCheck,
  notApplicable,
  ok,
  problem,
  unknown,
  warning,
  type Verdict,
} from './check.ts';
import { mountOf, type Mount } from './mount-table.ts';
import { readPathFacts, type PathFacts } from './path-facts.ts';
import { readMounts, readStatus } from './read-process.ts';

/** The directory itself: is it there, and still the one of the node? */
export const pluginDirCheck = defineCheck({
  id: 'plugin-dir',
  what: "the kubelet's directory for device plugins",
  why: 'plugins put their sockets there, and kubelets look nowhere else, whatever their --root-dir is',
  remedy:
    'systemctl restart kubelet   # makes it on the node; a pod has to mount it: kubectl apply -k deployments/$PLUGIN',
  read: ({ files, devicePluginPath }) => readPathFacts(files, devicePluginPath),
  judge: judgeDirectory,
});

/** May sockets be made in it? */
export const pluginDirAccessCheck = defineCheck({
  id: 'plugin-dir-access',
  what: 'the right to make sockets in that directory',
  why: 'without a socket there is no resource; the directory belongs to root and has mode 0750 on a stock node',
  remedy:
    'kubectl apply -k deployments/$PLUGIN   # runs the plugin as root (runAsUser: 0), who needs no privilege for it',
  read: async (scene) => ({
    facts: await readPathFacts(scene.files, scene.devicePluginPath),
    uid: scene.process === undefined ? undefined : (await readStatus(scene, scene.process)).uid,
  }),
  judge: ({ facts, uid }) => judgeAccess(facts, uid),
});

/** Is it the node's, and on a file system that has sockets? */
export const pluginDirMountCheck = defineProcessCheck({
  id: 'plugin-dir-mount',
  what: 'the mount that the directory lies in',
  why: 'a directory that is not mounted from the node is one that no kubelet looks into, and network file systems have no sockets',
  remedy: 'kubectl apply -k deployments/$PLUGIN   # its DaemonSet mounts /var/lib/kubelet/device-plugins as a hostPath',
  read: async (scene, directory) => {
    const { files, devicePluginPath } = scene;
    const path = (await files.realPath(devicePluginPath)) ?? posix.resolve(devicePluginPath);
    return mountOf(await readMounts(scene, directory), path);
  },
  judge: judgeMount,
});

/** Is there room for another file? */
export const pluginDirSpaceCheck = defineCheck({
  id: 'plugin-dir-space',
  what: 'space in the file system of the directory',
  why: 'a socket is a file, and needs an inode and a directory entry',
  remedy: 'df -h /var/lib/kubelet && df -i /var/lib/kubelet   # then remove what fills it',
  read: async ({ files, devicePluginPath }) => {
    const real = await files.realPath(devicePluginPath);
    return real === undefined ? undefined : await statfs(files.path(real));
  },
  judge: judgeSpace,
});

/** Do paths of sockets fit? */
export const socketPathCheck = defineCheck({
  id: 'socket-path',
  what: 'the length of the paths of sockets',
  why: `unix sockets take at most ${maxSocketPathBytes} bytes of path, directory and name together`,
  remedy: 'give the plugin a directory with a short path: -device-plugin-path=/var/lib/kubelet/device-plugins',
  read: ({ devicePluginPath }) => Promise.resolve(devicePluginPath),
  judge: judgePathLength,
});

export function judgeDirectory({ path, kind, links, refusal, nearest, mode, uid }: PathFacts): Verdict {
  if (kind === 'missing')
    return problem(`${path} is not there${nearest === undefined ? '' : `; the nearest directory is ${nearest}`}`);
  if (kind === 'unreadable') return problem(`${path} cannot be looked at: ${refusal ?? ''}`);
  if (kind !== 'directory') return problem(`${path} is no directory`, `rm ${path} && systemctl restart kubelet`);
  if (links === 0)
    return problem(
      `${path} was deleted on the node while it was mounted here`,
      'kubectl delete pod POD   # a new container sees the new directory',
    );
  if ((mode & 0o002) !== 0)
    return warning(`${path} can be written to by anybody, who may then offer any resource`, `chmod 0750 ${path}`);
  return ok(`${path}, mode ${mode.toString(8).padStart(4, '0')}, of uid ${uid}`);
}

export function judgeAccess(facts: PathFacts, uid: number | undefined): Verdict {
  const { path, kind, refusal } = facts;
  if (kind === 'missing') return notApplicable('the directory is not there');
  if (refusal === undefined) return ok(`sockets can be made in ${path}`);
  if (refusal === 'EROFS')
    return problem(`${path} is mounted read-only`, 'remove readOnly: true from the volumeMount of the directory');
  const isOwner = uid !== undefined && uid === facts.uid && (facts.mode & 0o300) === 0o300;
  if (refusal === 'EACCES' && isOwner)
    return problem(
      `${path} refuses uid ${uid} though owner and mode allow it: SELinux or AppArmor does`,
      `restorecon -R ${path}; run the plugin with seLinuxOptions: { type: container_device_plugin_t }`,
    );
  return problem(`${path} refuses ${uid === undefined ? 'this user' : `uid ${uid}`}: ${refusal}`);
}

/** File systems on which a socket file is no socket for the kubelet, or none at all. */
const foreignFileSystems = /^(nfs|nfs4|cifs|smb3|9p|ceph|fuse\..*|glusterfs|virtiofs)$/;

export function judgeMount(mount: Mount | undefined): Verdict {
  if (mount === undefined) return unknown('the mounts of the process cannot be read');
  const { mountPoint, fileSystem } = mount;
  if (foreignFileSystems.test(fileSystem))
    return problem(`it is on ${fileSystem}, mounted at ${mountPoint}`, 'keep /var/lib/kubelet on a local file system');
  if (fileSystem === 'overlay') return problem("it is in the container's own file system: nothing is mounted there");
  return ok(`on ${fileSystem}, mounted at ${mountPoint}`);
}

export function judgeSpace(
  space: { readonly bavail: number; readonly files: number; readonly ffree: number } | undefined,
): Verdict {
  if (space === undefined) return notApplicable('the directory is not there');
  if (space.bavail === 0) return problem('the file system is full');
  // File systems that make inodes as they need them say that they have none at all.
  if (space.files > 0 && space.ffree === 0) return problem('the file system has no inode left');
  return ok('there is space');
}

function judgePathLength(directory: string): Verdict {
  // The shortest name that a plugin can give: a hash for the resource and one for the process.
  const shortest = posix.join(directory, `${shortHash('')}-${shortHash('')}.sock`);
  const own = posix.join(directory, kubeletSocketName);
  const bytes = Math.max(Buffer.byteLength(shortest), Buffer.byteLength(own));
  if (bytes <= maxSocketPathBytes) return ok(`${bytes} of ${maxSocketPathBytes} bytes`);
  return problem(`a socket in ${directory} has a path of at least ${bytes} bytes`);
}
