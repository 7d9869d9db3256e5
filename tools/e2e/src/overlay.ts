// SPDX-License-Identifier: Apache-2.0
import { stringify } from 'yaml';
import { hardwareScript } from './hardware-script.ts';
import { withFiles, type PluginUnderTest } from './plugin-under-test.ts';

/** What {@link overlay} needs to know beside the plugin. */
export interface OverlaySettings {
  /** Path of deployments/<plugin> from the directory of the overlay. */
  readonly base: string;
  readonly namespace: string;
  /** Image of the plugin as its manifests name it, and as the cluster has it. */
  readonly image: { readonly name: string; readonly newName: string; readonly newTag: string };
  /** An image with sh and mknod: busybox. */
  readonly toolsImage: string;
  /** Text of scripts/null-nodes.sh. */
  readonly nullNodesScript: string;
}

/** Where the hardware of a plugin is on the node, and in the pod: what containers get are paths of the node. */
export function hardwareRoot(plugin: string): string {
  return `/var/lib/kube-device-plugins-e2e/${plugin}`;
}

/**
 * A kustomization on top of that of the plugin, file by file: the plugin looks for hardware below a directory of the node, where
 * init containers have made it.
 */
export function overlay(subject: PluginUnderTest, settings: OverlaySettings): Record<string, string> {
  const files = { ...subject.files, ...scripts(subject, settings) };
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    namespace: settings.namespace,
    resources: ['namespace.yaml', settings.base],
    configMapGenerator: [{ name: filesName, files: Object.keys(files) }],
    patches: [{ path: 'hardware.yaml', target: { kind: 'DaemonSet' } }],
    images: [settings.image],
  };
  return {
    ...files,
    'kustomization.yaml': stringify(kustomization),
    'namespace.yaml': stringify(namespace(settings.namespace)),
    'hardware.yaml': stringify(patch(subject, settings)),
  };
}

const filesName = 'e2e-files';
const filesDirectory = '/e2e/files';

function scripts({ hardware }: PluginUnderTest, { nullNodesScript }: OverlaySettings): Record<string, string> {
  return {
    'null-nodes.sh': nullNodesScript,
    ...(hardware === undefined ? {} : { 'hardware.sh': hardwareScript(hardware) }),
  };
}

function namespace(name: string): object {
  // hostPath volumes, and root.
  const labels = { 'pod-security.kubernetes.io/enforce': 'privileged' };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

function patch(subject: PluginUnderTest, settings: OverlaySettings): object[] {
  const root = hardwareRoot(subject.plugin);
  const args = [`-prefix=${root}`, '-v=4', ...withFiles(subject.flags ?? [], filesDirectory)];
  const volumes = [
    { name: 'e2e-hardware', hostPath: { path: root, type: 'DirectoryOrCreate' } },
    { name: 'e2e-dev', hostPath: { path: '/dev', type: 'Directory' } },
    { name: filesName, configMap: { name: filesName } },
  ];
  const mounts = [{ ...hardwareMount(root), readOnly: true }, filesMount];
  return [
    add('/spec/template/spec/initContainers', initContainers(subject, settings)),
    ...volumes.map((volume) => add('/spec/template/spec/volumes/-', volume)),
    ...mounts.map((mount) => add('/spec/template/spec/containers/0/volumeMounts/-', mount)),
    ...args.map((arg) => add('/spec/template/spec/containers/0/args/-', arg)),
  ];
}

function add(path: string, value: unknown): object {
  return { op: 'add', path, value };
}

const filesMount = { name: filesName, mountPath: filesDirectory, readOnly: true };

function hardwareMount(root: string): object {
  return { name: 'e2e-hardware', mountPath: root };
}

function initContainers({ plugin, hardwareProgram, nodes }: PluginUnderTest, settings: OverlaySettings): object[] {
  const root = hardwareRoot(plugin);
  const volumeMounts = [hardwareMount(root), filesMount];
  const maker =
    hardwareProgram === undefined
      ? { image: settings.toolsImage, command: ['sh', `${filesDirectory}/hardware.sh`, root] }
      : {
          image: settings.image.name,
          command: [`/usr/local/bin/${hardwareProgram.command}`],
          args: withFiles(hardwareProgram.args, filesDirectory),
          workingDir: root,
        };
  const host = nodes === 'host' ? '/e2e/host' : root;
  return [
    { name: 'e2e-hardware', ...maker, volumeMounts, securityContext: rights([]) },
    {
      name: 'e2e-null-nodes',
      image: settings.toolsImage,
      command: ['sh', `${filesDirectory}/null-nodes.sh`, root, host],
      volumeMounts: [...volumeMounts, { name: 'e2e-dev', mountPath: '/e2e/host/dev' }],
      securityContext: rights(['MKNOD']),
    },
  ];
}

function rights(add: readonly string[]): object {
  return {
    runAsUser: 0,
    runAsGroup: 0,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'], ...(add.length === 0 ? {} : { add }) },
    seccompProfile: { type: 'RuntimeDefault' },
  };
}
