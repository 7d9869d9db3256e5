// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { failed, passed, type Finding, type Workplace } from './finding.ts';

/** A rule for node-feature-discovery that comes with the plugin, or one of deployments/nfd with its name, and gives nodes a label. */
export function checkNodeFeatureRule({ root, plugin }: Workplace): Finding {
  const rules = 'deployments/nfd/node-feature-rules';
  const files = [
    ...yamlFiles(root, `deployments/${plugin}`),
    ...yamlFiles(root, rules).filter((file) => file === `${rules}/${plugin}.yaml`),
  ];
  for (const file of files) {
    const [label] = labelsOf(join(root, file));
    if (label !== undefined) return passed(`${label}, by ${file}`);
  }
  return failed(
    `no NodeFeatureRule gives nodes a label: neither ${rules}/${plugin}.yaml nor one below deployments/${plugin}`,
  );
}

function yamlFiles(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.yaml')).map((name) => join(folder, name));
}

function labelsOf(file: string): string[] {
  const documents = parseAllDocuments(readFileSync(file, 'utf8')).map(
    (document) => document.toJS() as Partial<Rule> | null,
  );
  const rules = documents
    .filter((document) => document?.kind === 'NodeFeatureRule')
    .flatMap((rule) => rule?.spec?.rules ?? []);
  return rules.flatMap(({ labels = {} }) => Object.keys(labels));
}

interface Rule {
  readonly kind: string;
  readonly spec: { readonly rules: readonly { readonly labels?: Readonly<Record<string, string>> }[] };
}
