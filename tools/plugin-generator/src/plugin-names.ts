// SPDX-License-Identifier: Apache-2.0
import { fullResourceName, resourceNameProblem } from '@kube-device-plugins/core';

/** What a plugin is to be called, as schema.json describes it. */
export interface PluginOptions {
  readonly name: string;
  readonly namespace?: string;
  readonly resource?: string;
  readonly vendorId?: string;
  readonly class?: string;
}

/** Every word of a template: `__name__` becomes what `name` is. */
export interface PluginNames {
  /** `npu` */
  readonly name: string;
  /** `Npu`, in names of types. */
  readonly Name: string;
  /** `npu`, in names of functions; `fancyNpu` of `fancy-npu`. */
  readonly camelName: string;
  /** `npu-plugin`: of folders and of the package. */
  readonly plugin: string;
  /** `npu.intel.com` */
  readonly namespace: string;
  /** `accel` */
  readonly resource: string;
  /** `8086` */
  readonly vendorId: string;
  /** `accel`: of directories in /sys/class and /dev. */
  readonly class: string;
  /** `intel`: of the image, and of the label of nodes. */
  readonly vendor: string;
  /** `intel-npu-plugin` */
  readonly image: string;
  /** `intel_npu_device_plugin` */
  readonly entrypoint: string;
  /** Of the workspace. */
  readonly version: string;
}

/**
 * The names of a plugin and all that belongs to it.
 *
 * @param version - of the workspace.
 * @throws RangeError that names the option, what is wrong with it, and what would be right.
 */
export function pluginNames(options: PluginOptions, version: string): PluginNames {
  const name = options.name.replace(/-plugin$/, '');
  const namespace = options.namespace ?? `${name}.intel.com`;
  const deviceClass = options.class ?? 'accel';
  const resource = options.resource ?? deviceClass;
  const vendorId = (options.vendorId ?? '8086').toLowerCase().replace(/^0x/, '');
  check('name', name, /^[a-z]([a-z0-9]|-(?=[a-z]))*$/, 'lower case letters, digits and single dashes, such as npu', 40);
  check('namespace', namespace, domain, 'a domain such as npu.intel.com', 253);
  check('class', deviceClass, /^[a-z][a-z0-9_-]*$/, 'the name of a directory in /sys/class such as accel', 40);
  check('resource', resource, /^[a-zA-Z0-9]([-\w.]*[a-zA-Z0-9])?$/, 'a name such as accel', 63);
  check('vendor-id', vendorId, /^[0-9a-f]{4}$/, 'four hexadecimal digits such as 8086', 4);
  checkResourceName(namespace, resource);
  const vendor = namespace.split('.').at(-2) ?? namespace;
  const Name = name.replaceAll(/(^|-)(.)/g, (_, _dash, letter: string) => letter.toUpperCase());
  const plugin = `${name}-plugin`;
  return {
    ...{ name, Name, camelName: `${Name.charAt(0).toLowerCase()}${Name.slice(1)}`, plugin },
    ...{ namespace, resource, vendorId, class: deviceClass, vendor },
    // As those that there are: intel-gpu-plugin, intel_gpu_device_plugin.
    ...{ image: `${vendor}-${plugin}`, entrypoint: `${vendor}_${name}_device_plugin`.replaceAll('-', '_'), version },
  };
}

const domain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+$/;

function check(option: string, value: string, pattern: RegExp, right: string, maxLength: number): void {
  if (pattern.test(value) && value.length <= maxLength) return;
  throw new RangeError(`--${option} ${JSON.stringify(value)} cannot be used: give ${right}`);
}

/** The plugin would end at once with a name that the kubelet refuses; `resource` has been checked, so it is the namespace. */
function checkResourceName(namespace: string, resource: string): void {
  const name = fullResourceName(namespace, resource);
  const problem = resourceNameProblem(name);
  if (problem === undefined) return;
  throw new RangeError(
    `--namespace ${JSON.stringify(namespace)} cannot be used, for ${name} ${problem}: give a domain of your own such as npu.example.com`,
  );
}
