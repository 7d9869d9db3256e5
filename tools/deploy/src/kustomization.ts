// SPDX-License-Identifier: Apache-2.0
import type { DeployOptions } from './options.ts';
import type { Manifest } from './manifest.ts';
import { ownImages, ownRegistry, parametersOf } from './parameters.ts';

/** What the options make of a kustomization: one on top of it. */
export interface Kustomization {
  readonly apiVersion: 'kustomize.config.k8s.io/v1beta1';
  readonly kind: 'Kustomization';
  readonly resources: readonly string[];
  readonly namespace?: string;
  readonly images?: readonly { readonly name: string; readonly newName?: string; readonly newTag?: string }[];
  readonly patches?: readonly {
    readonly target: { readonly kind: string; readonly name: string };
    readonly patch: string;
  }[];
}

/**
 * @param base - path of the kustomization below.
 * @param manifests - what that one makes.
 */
export function kustomizationOver(
  base: string,
  manifests: readonly Manifest[],
  { namespace, registry, tag, parameters }: Pick<DeployOptions, 'namespace' | 'registry' | 'tag' | 'parameters'>,
): Kustomization {
  return {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [base],
    ...(namespace === undefined ? {} : { namespace }),
    images: ownImages(manifests).map((name) => ({
      name,
      ...(registry === undefined
        ? {}
        : { newName: `${registry.replace(/\/+$/, '')}/${name.slice(ownRegistry.length)}` }),
      ...(tag === undefined ? {} : { newTag: tag }),
    })),
    patches: parametersOf(manifests).flatMap(({ name, target, pointer }) => {
      const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
      if (value === undefined) return [];
      return { target, patch: JSON.stringify([{ op: 'replace', path: pointer, value: literal(value) }]) };
    }),
  };
}

/** Kubernetes would take `$(NAME)` in a value for another variable. */
function literal(value: string): string {
  return value.replaceAll('$(', '$$$$(');
}
