// SPDX-License-Identifier: Apache-2.0
import { DevicePluginError } from '../errors.ts';
import type { CdiDevice, CdiDeviceNode, CdiHook, CdiMount } from './device.ts';
import { cdiProblems } from './validation.ts';
import { yamlDocument, type YamlMapping } from './yaml.ts';

export type { CdiContainerEdits, CdiDevice, CdiDeviceNode, CdiHook, CdiHookName, CdiMount } from './device.ts';
export { cdiFileName } from './file-name.ts';

/**
 * The lowest version that has all fields of {@link CdiDevice}; `hostPath` of device nodes came with it.
 * A runtime rejects files of a version that it does not know, so a higher one would only shut runtimes out.
 */
const cdiVersion = '0.5.0';

/** The name by which kubelet and runtime ask for the device: `vendor/class=name`. */
export function cdiDeviceName(device: CdiDevice): string {
  return `${device.kind}=${device.name}`;
}

/**
 * The spec file of one device, as YAML. Only what {@link CdiDevice} has goes into it: runtimes reject a file with an unknown field.
 *
 * @throws DevicePluginError `CDI_SPEC_INVALID` with everything that a runtime would object to.
 */
export function cdiSpecText(device: CdiDevice): string {
  const problems = [...cdiProblems(device)];
  if (problems.length > 0) {
    throw new DevicePluginError(
      'CDI_SPEC_INVALID',
      `CDI device ${JSON.stringify(cdiDeviceName(device))}: ${problems.join('; ')}`,
    );
  }
  const { env, deviceNodes, hooks, mounts } = device.containerEdits;
  return yamlDocument({
    cdiVersion,
    kind: device.kind,
    devices: [
      {
        name: device.name,
        containerEdits: {
          env,
          deviceNodes: deviceNodes?.map(nodeFields),
          hooks: hooks?.map(hookFields),
          mounts: mounts?.map(mountFields),
        },
      },
    ],
  });
}

function nodeFields({
  path,
  hostPath,
  type,
  major,
  minor,
  fileMode,
  permissions,
  uid,
  gid,
}: CdiDeviceNode): YamlMapping {
  return { path, hostPath, type, major, minor, fileMode, permissions, uid, gid };
}

function hookFields({ hookName, path, args, env, timeout }: CdiHook): YamlMapping {
  return { hookName, path, args, env, timeout };
}

function mountFields({ hostPath, containerPath, type, options }: CdiMount): YamlMapping {
  return { hostPath, containerPath, type, options };
}
