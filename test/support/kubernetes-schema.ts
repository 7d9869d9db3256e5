// SPDX-License-Identifier: Apache-2.0
import Ajv, { type ValidateFunction } from 'ajv';
import { customSchemas } from './custom-schemas.ts';

/** As it comes out of YAML. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
}

/**
 * What is wrong with an object by the OpenAPI schemas of Kubernetes, or by ours for kinds that others define: `path: reason` each.
 * Also fields that the schema does not know, which the API server would drop.
 */
export async function schemaProblems(object: KubernetesObject): Promise<string[]> {
  const custom = customSchemas[`${object.apiVersion} ${object.kind}`];
  if (custom !== undefined) return problemsOf(new Ajv({ allErrors: true }).compile(custom), object);
  const validate = await kubernetesValidator(object);
  if (validate === undefined) return [`: there is no schema for ${object.apiVersion} ${object.kind}`];
  const looked = new Set<string>();
  const problems = problemsOf(validate, watched(object, '', looked));
  // Validators look at every field that the schema has, and at no other.
  const unknown = [...pathsIn(object)].filter((path) => !looked.has(path));
  return [...problems, ...unknown.map((path) => `${path}: is no field of it`)];
}

type Validator = ((value: unknown) => unknown) & {
  errors?:
    readonly { instancePath?: string; dataPath?: string; message?: string; keyword: string; params: object }[] | null;
};

function problemsOf(validate: Validator | ValidateFunction, value: unknown): string[] {
  validate(value);
  const errors = (validate as Validator).errors ?? [];
  return errors.map(
    ({ instancePath, dataPath, message, keyword, params }) =>
      `${instancePath ?? dataPath ?? ''}: ${message ?? keyword} ${JSON.stringify(params)}`,
  );
}

/** The names of the schemas are those of their Go packages: k8s.io/api/apps/v1 DaemonSet. */
async function kubernetesValidator({ apiVersion, kind }: KubernetesObject): Promise<Validator | undefined> {
  const [version = '', group = 'core'] = apiVersion.split('/').reverse();
  const words = ['io', 'k8s', 'api', group.replace(/\..*/, ''), version];
  const name = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('') + kind;
  try {
    return ((await import(`kubernetes-models/_schemas/${name}`)) as { validate: Validator }).validate;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** The same value, which writes down the path of each field that is asked for. */
function watched(value: unknown, path: string, looked: Set<string>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return new Proxy(value, {
    get(target: Readonly<Record<string | symbol, unknown>>, key) {
      if (typeof key === 'symbol' || !Object.hasOwn(target, key)) return target[key];
      looked.add(`${path}/${key}`);
      return watched(target[key], `${path}/${key}`, looked);
    },
  });
}

function* pathsIn(value: unknown, path = ''): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    yield `${path}/${key}`;
    yield* pathsIn(child, `${path}/${key}`);
  }
}
