// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from 'node:util';
import { registryProblem, tagProblem } from '@kube-device-plugins/image/image-name';
import { DeployError } from './deploy-error.ts';

/** What the command line asks for. */
export interface DeployOptions {
  readonly help: boolean;
  readonly action: Action;
  /** Name of a folder in deployments/. */
  readonly plugin: string;
  readonly overlay: string | undefined;
  /** Parameters of the manifest by their names. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly registry: string | undefined;
  readonly tag: string | undefined;
  readonly namespace: string | undefined;
  /** Print the objects; kubectl is not run. */
  readonly dryRun: boolean;
  /** What stands behind `--`. */
  readonly kubectlArguments: readonly string[];
}

const actions = ['deploy', 'undeploy'] as const;

/** What is done with the objects. */
export type Action = (typeof actions)[number];

/**
 * @param args - the action, then what the user wrote.
 * @throws DeployError that says what is wrong with the command line.
 */
export function parseOptions([actionName = '', ...args]: readonly string[]): DeployOptions {
  const action = actions.find((name) => name === actionName);
  if (action === undefined) throw wrong(`the first argument is one of ${actions.join(', ')}, not '${actionName}'`);
  const dashes = args.indexOf('--');
  const [ours, kubectlArguments] = dashes < 0 ? [args, []] : [args.slice(0, dashes), args.slice(dashes + 1)];
  const { values, positionals } = parse(ours);
  const [plugin = '', ...others] = positionals;
  if (others.length > 0) throw wrong(`one plugin at a time: '${others.join(' ')}' is too much`);
  if (plugin === '' && !values.help) throw wrong('name a plugin');
  const { NAMESPACE, ...parameters } = readParameters(values.set);
  // A parameter like any other where it comes from: docs of the simulator.
  const namespace = values.namespace ?? NAMESPACE;
  if (namespace !== undefined && !dnsLabel.test(namespace))
    throw wrong(`'${namespace}' is no namespace: lower-case letters, digits and dashes, at most 63`);
  if (values.namespace !== undefined && NAMESPACE !== undefined && values.namespace !== NAMESPACE)
    throw wrong(`--namespace ${values.namespace} and --set NAMESPACE=${NAMESPACE} exclude each other`);
  const { help, overlay, registry, tag, 'dry-run': dryRun } = values;
  // With a slash at its end it is as good.
  const problem =
    (registry === undefined ? undefined : registryProblem(registry.replace(/\/+$/, ''))) ??
    (tag === undefined ? undefined : tagProblem(tag));
  if (problem !== undefined) throw wrong(problem);
  return { help, action, plugin, overlay, parameters, registry, tag, namespace, dryRun, kubectlArguments };
}

const optionConfig = {
  help: { type: 'boolean', short: 'h', default: false },
  overlay: { type: 'string' },
  set: { type: 'string', multiple: true, default: [] as string[] },
  registry: { type: 'string' },
  tag: { type: 'string' },
  namespace: { type: 'string', short: 'n' },
  'dry-run': { type: 'boolean', default: false },
} as const;

/** RFC 1123 label: k8s.io/apimachinery, IsDNS1123Label. */
const dnsLabel = /^(?=.{1,63}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: optionConfig, strict: true, allowPositionals: true });
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
}

function readParameters(settings: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    settings.map((setting) => {
      const equals = setting.indexOf('=');
      if (equals < 1) throw wrong(`--set takes NAME=value, not '${setting}'`);
      return [setting.slice(0, equals), setting.slice(equals + 1)];
    }),
  );
}

function wrong(message: string): DeployError {
  return new DeployError(message, 2);
}
