// SPDX-License-Identifier: Apache-2.0
import { deviceIdProblem, resourceNameProblem } from '@kube-device-plugins/core';
import { DeployError } from './deploy-error.ts';
import { didYouMean } from './deployment-tree.ts';
import { containersOf, type Manifest } from './manifest.ts';

/** A variable of a container that has a value in the manifest, so that another one may be set. */
export interface Parameter {
  readonly name: string;
  /** The object it is in. */
  readonly target: { readonly kind: string; readonly name: string };
  /** JSON pointer to its value there. */
  readonly pointer: string;
}

/** Those of the plugins' own containers; what an init container has is its own business. */
export function parametersOf(manifests: readonly Manifest[]): Parameter[] {
  return manifests.flatMap(({ kind, metadata: { name }, spec }) =>
    (spec?.template?.spec?.containers ?? []).flatMap(({ env = [] }, container) =>
      env.flatMap((variable, index) =>
        variable.value === undefined
          ? []
          : {
              name: variable.name,
              target: { kind, name },
              pointer: `/spec/template/spec/containers/${container}/env/${index}/value`,
            },
      ),
    ),
  );
}

/** @throws DeployError for a name that no manifest has, with the nearest one, and for a value that the plugin would refuse. */
export function checkSettings(settings: Readonly<Record<string, string>>, known: readonly string[]): void {
  for (const [name, value] of Object.entries(settings)) {
    if (!known.includes(name)) {
      const names = [...new Set(known), 'NAMESPACE'];
      throw new DeployError(
        `there is no parameter ${name}${didYouMean(name, names)}. There are: ${names.join(', ')}`,
        2,
      );
    }
    const problem = Object.hasOwn(problems, name) ? problems[name]?.(value) : undefined;
    if (problem !== undefined) throw new DeployError(`${name}=${value}: ${problem}`, 2);
  }
}

/** What the plugin would end with on each node; all other parameters take any text. */
const problems: Readonly<Record<string, (value: string) => string | undefined>> = {
  VERBOSITY: (value) => (/^\d{1,9}$/.test(value) ? undefined : 'has to be a whole number, such as 4'),
  NUMBER_DEVICES: (value) =>
    /^\d{1,6}$/.test(value) && Number(value) <= 100_000 ? undefined : 'has to be a whole number from 0 to 100000',
  RESOURCE_NAME: resourceNameProblem,
  DEVICE_ID_PREFIX: (value) => {
    // What is behind it is at least the name of a node, of one letter, and a digit.
    const problem = deviceIdProblem(`${value}-n-0`);
    return problem === undefined ? undefined : `makes ids like '${value}-n-0', which ${problem}`;
  },
  ENV_PREFIX: (value) => (value.includes('=') ? 'has a "=", which no variable name may have' : undefined),
  DEVICE_FILE_PREFIX: (value) =>
    /^(?!.*(^|\/)\.\.?(\/|$))(?!\/)[^\0]*$/.test(value) ? undefined : 'has to be the beginning of a path below /dev',
  VALUE_STYLE: (value) => (['index', 'id'].includes(value) ? undefined : 'has to be index or id'),
};

/** The images of this project: those of other ones, such as sidecars, stay where they are. */
export function ownImages(manifests: readonly Manifest[]): string[] {
  const names = manifests
    .flatMap(containersOf)
    .map(({ image = '' }) => image.replace(/[:@][^/]*$/, ''))
    .filter((image) => image.startsWith(ownRegistry));
  return [...new Set(names)].sort();
}

/** What the images of the manifests begin with. */
export const ownRegistry = 'kube-device-plugins/';
