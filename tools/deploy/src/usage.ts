// SPDX-License-Identifier: Apache-2.0
import type { DeploymentTree } from './deployment-tree.ts';

/** The text of `--help`. */
export function usage(trees: readonly DeploymentTree[]): string {
  const width = Math.max(...trees.map(({ name }) => name.length));
  const plugins = trees.map(({ name, overlays }) => `  ${name.padEnd(width)}  ${overlays.join(', ')}`);
  return `Usage: npm run deploy -- PLUGIN [OPTIONS] [-- KUBECTL FLAGS]
       npm run undeploy -- PLUGIN [OPTIONS] [-- KUBECTL FLAGS]

Renders deployments/PLUGIN with kustomize and hands it to kubectl, which finds the
cluster by KUBECONFIG or its own defaults. undeploy takes the same options and
deletes the same objects, but for namespaces, in which there may be something else.

Plugins and their overlays:
${plugins.join('\n')}

Options:
  --overlay NAME       one of deployments/PLUGIN/overlays
  --set NAME=VALUE     a parameter: any variable of the manifest that has a value, such
                       as VERBOSITY, and those of the simulator (simple-plugin), which
                       choose its overlay by themselves; may be repeated
  --registry REGISTRY  take the images from there, such as registry.example.com/plugins
  --tag TAG            take this version of them
  -n, --namespace NAME deploy into this namespace
  --dry-run            print the objects, and change nothing
  -h, --help           print this text

Examples:
  npm run deploy -- gpu-plugin --overlay health_sysfs --set VERBOSITY=4
  npm run deploy -- simple-plugin --set NUMBER_DEVICES=4 --dry-run
  npm run undeploy -- simple-plugin --overlay simulator
  npm run deploy -- qat-plugin -n kube-system -- --context test

Exit status: 0 when it is done; 1 when kustomize or kubectl failed or is missing; 2 for
a wrong command line.
`;
}
