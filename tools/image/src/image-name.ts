// SPDX-License-Identifier: Apache-2.0

/**
 * What is wrong with that which stands before the name of an image, or undefined. A first part without dot and port is a folder for
 * builders, and folders have no capitals: https://github.com/distribution/reference/blob/v0.6.0/reference.go
 */
export function registryProblem(registry: string): string | undefined {
  const [first = '', ...folders] = registry.split('/');
  const isHost = /[.:]/.test(first) && /^[a-z\d]+((\.|-+)[a-z\d]+)*(:\d+)?$/i.test(first);
  const parts = isHost ? folders : [first, ...folders];
  if (parts.every((part) => /^[a-z\d]+(([._]|__|-+)[a-z\d]+)*$/.test(part))) return undefined;
  return `--registry is a name as registry.example.com/folder, in lower case, not '${registry}'`;
}

/** What is wrong with a tag, or undefined: https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pulling-manifests */
export function tagProblem(tag: string): string | undefined {
  return /^\w[\w.-]{0,127}$/.test(tag) ? undefined : `--tag is letters, digits, _ . and -, not '${tag}'`;
}
