// SPDX-License-Identifier: Apache-2.0

/** Why this spec is not that of the device. YAML that is no JSON is only searched for the words. */
export function cdiSpecProblem(text: string, name: string): string | undefined {
  const [kind = '', device = ''] = name.split('=');
  const spec = parsed(text);
  if (spec === undefined) {
    return text.includes(kind) && text.includes(device) ? undefined : 'a spec does not name it';
  }
  if (!/^\d+\.\d+\.\d+$/.test(spec.cdiVersion ?? '')) return `cdiVersion is ${JSON.stringify(spec.cdiVersion)}`;
  if (spec.kind !== kind) return `a spec is of kind ${spec.kind}`;
  const found = spec.devices?.find((each) => each.name === device);
  if (found === undefined) return 'a spec of its kind does not have the device';
  return found.containerEdits === undefined ? 'its spec has no containerEdits' : undefined;
}

interface Spec {
  readonly cdiVersion?: string;
  readonly kind?: string;
  readonly devices?: readonly { readonly name?: string; readonly containerEdits?: object }[];
}

function parsed(text: string): Spec | undefined {
  try {
    return JSON.parse(text) as Spec;
  } catch {
    return undefined;
  }
}
