// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '..');

interface Term {
  readonly feature: string;
  readonly matchExpressions: Readonly<Record<string, { readonly op: string; readonly value?: readonly string[] }>>;
}

interface Rule {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly matchFeatures: readonly Term[];
  readonly matchAny?: readonly { readonly matchFeatures: readonly Term[] }[];
}

function rulesOf(plugin: string): readonly Rule[] {
  const text = readFileSync(join(root, `deployments/nfd/node-feature-rules/${plugin}.yaml`), 'utf8');
  return (parse(text) as { readonly spec: { readonly rules: readonly Rule[] } }).spec.rules;
}

/** The rule that chooses nodes for a plugin. */
function ruleFor(plugin: string): { readonly ids: readonly string[]; readonly vendors: readonly string[] } {
  const label = `intel.feature.node.kubernetes.io/${plugin.replace('-plugin', '')}`;
  const rule = rulesOf(plugin).find(({ labels }) => labels?.[label] === 'true');
  const pci = rule?.matchFeatures.find(({ feature }) => feature === 'pci.device')?.matchExpressions ?? {};
  return { ids: pci['device']?.value ?? [], vendors: pci['vendor']?.value ?? [] };
}

async function sourceOf(path: string): Promise<unknown> {
  return await import(join(root, 'packages', path));
}

describe('deployments/nfd', () => {
  it('labels the physical functions that qat-plugin knows', async () => {
    const { deviceGenerations } = (await sourceOf('qat-plugin/src/sysfs/device-generations.ts')) as {
      deviceGenerations: readonly { readonly pfIds: readonly string[] }[];
    };
    expect([...ruleFor('qat-plugin').ids].sort()).toEqual(deviceGenerations.flatMap(({ pfIds }) => pfIds).sort());
  });

  it('labels the boards that fpga-plugin knows', async () => {
    const { boards } = (await sourceOf('fpga-plugin/src/sysfs/boards.ts')) as { boards: readonly { id: string }[] };
    const { ids, vendors } = ruleFor('fpga-plugin');
    const known = boards.map(({ id }) => id.split(':'));
    expect([...ids].sort()).toEqual(known.map(([, device = '']) => device).sort());
    expect([...vendors].sort()).toEqual([...new Set(known.map(([vendor = '']) => vendor))].sort());
  });

  it('knows the Arc cards that the overlay allowlist-arc allows', () => {
    const overlay = readFileSync(join(root, 'deployments/gpu-plugin/overlays/allowlist-arc/args.yaml'), 'utf8');
    const allowed = /-allow-ids=(\S+)/
      .exec(overlay)?.[1]
      ?.split(',')
      .map((id) => id.replace('0x', ''));
    const series = rulesOf('gpu-plugin').find(({ name }) => name === 'intel.gpu.a.series');
    expect(series?.matchFeatures[0]?.matchExpressions['device']?.value).toEqual(allowed);
  });

  it.each(['fpga-plugin', 'gpu-plugin', 'qat-plugin'])('has the label that %s chooses nodes by', (plugin) => {
    const overlay = `deployments/${plugin}/overlays/nfd_labeled_nodes/node-selector.yaml`;
    const selector = /nodeSelector\/(\S+)/.exec(readFileSync(join(root, overlay), 'utf8'))?.[1]?.replace('~1', '/');
    expect(rulesOf(plugin).flatMap(({ labels = {} }) => Object.keys(labels))).toContain(selector);
  });
});
