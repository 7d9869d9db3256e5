// SPDX-License-Identifier: Apache-2.0
import { parseAllDocuments, stringify } from 'yaml';

/** An object of Kubernetes, as far as this program looks into it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: { readonly template?: { readonly spec?: PodSpec } };
}

interface PodSpec {
  readonly initContainers?: readonly Container[];
  readonly containers?: readonly Container[];
}

/** Of a pod. */
export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
}

/**
 * The objects of a stream of YAML documents.
 *
 * @throws YAMLParseError at the first document that is none.
 */
export function parseManifests(text: string): Manifest[] {
  return parseAllDocuments(text, dialect).flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    const manifest = document.toJS() as Manifest | null;
    return manifest === null ? [] : [manifest];
  });
}

/** The stream of documents that {@link parseManifests} reads. */
export function formatManifests(manifests: readonly Manifest[]): string {
  return manifests.map((manifest) => stringify(manifest, { ...dialect, lineWidth: 0 })).join('---\n');
}

/** That of kubectl and kustomize, in which 0440 is octal and `on` is true. */
const dialect = { version: '1.1' } as const;

/** Its containers; init containers begin. */
export function containersOf({ spec }: Manifest): readonly Container[] {
  const pod = spec?.template?.spec;
  return [...(pod?.initContainers ?? []), ...(pod?.containers ?? [])];
}
