// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';

const root = join(import.meta.dirname, '..');
const plugins = readdirSync(join(root, 'packages')).filter((name) => tagsOf(name).includes('type:plugin'));
/** What runs several plugins in one process. */
const hosts = readdirSync(join(root, 'packages')).filter((name) => tagsOf(name).includes('type:host'));
const files = sourceFiles();

/** The parts of a plugin; a part may be a folder beside or instead of its file. */
const roles = ['main', 'options', 'plugin', 'sysfs', 'device-tree', 'allocation-policy'];
const headings = ['Resources', 'Requirements', 'Flags', 'Deploy', 'How it finds devices', 'Limits'];
/** What core needs of the host, whatever the plugin: the kubelet's directory, and the one for CDI specs. */
const hostPathsOfCore = ['/var/lib/kubelet/device-plugins', '/var/run/cdi'];

describe.each(plugins)('%s', (plugin) => {
  it('has no source outside of the six roles', () => {
    const names = readdirSync(join(root, 'packages', plugin, 'src')).map((name) => name.replace(/(\.spec)?\.ts$/, ''));
    expect(roles).toEqual(expect.arrayContaining(names));
    expect(names).toEqual(expect.arrayContaining(['main', 'options', 'plugin', 'sysfs', 'device-tree']));
  });

  it('has a README with the same headings as every other', () => {
    const readme = read(`packages/${plugin}/README.md`);
    expect([...readme.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)).toEqual(headings);
  });

  it('is deployed under its own name', () => {
    const { metadata, spec } = daemonSet(plugin);
    const name = { 'app.kubernetes.io/name': plugin };
    expect(metadata.labels).toMatchObject(name);
    expect(spec.template.metadata.labels).toMatchObject(name);
    // The selector may be that of the plugin whose place it takes: one that is there cannot be changed.
    expect(Object.keys(spec.selector.matchLabels)).not.toEqual([]);
    expect(spec.template.metadata.labels).toMatchObject(spec.selector.matchLabels);
  });

  it('mounts the host paths that sysfs.ts says it reads, and those of core', async () => {
    const { hostPaths } = (await import(join(root, 'packages', plugin, 'src/sysfs.ts'))) as { hostPaths: string[] };
    const mounted = daemonSet(plugin).spec.template.spec.volumes.flatMap(({ hostPath }) => hostPath?.path ?? []);
    expect(mounted.sort()).toEqual([...hostPaths, ...hostPathsOfCore].sort());
  });

  it('is deployed with no more rights than it needs', () => {
    const pod = daemonSet(plugin).spec.template.spec;
    expect(pod).toMatchObject({ automountServiceAccountToken: false, priorityClassName: 'system-node-critical' });
    expect(pod).not.toMatchObject({ hostNetwork: true });
    for (const container of pod.containers) {
      expect(container.securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
        seccompProfile: { type: 'RuntimeDefault' },
        seLinuxOptions: { type: 'container_device_plugin_t' },
      });
    }
  });
});

describe.each(hosts)('%s, which runs several plugins,', (host) => {
  it('has a README with the same headings as plugins', () => {
    const readme = read(`packages/${host}/README.md`);
    expect([...readme.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)).toEqual(headings);
  });
});

describe('deployments/', () => {
  it('has nothing for a plugin that does not exist', () => {
    const shared = ['components', 'nfd'];
    expect([...plugins, ...hosts, ...shared]).toEqual(expect.arrayContaining(readdirSync(join(root, 'deployments'))));
  });

  it.each(files.filter((file) => /^deployments\/.*\.yaml$/.test(file)))(
    '%s is YAML, and what it names is there',
    (file) => {
      for (const document of parseAllDocuments(read(file), { uniqueKeys: true })) expect(document.errors).toEqual([]);
      if (!file.endsWith('/kustomization.yaml')) return;
      for (const named of namedFiles(parse(read(file)) as Kustomization)) {
        expect(existsSync(join(root, dirname(file), named)), named).toBe(true);
      }
    },
  );
});

describe('docs/adr/', () => {
  const records = readdirSync(join(root, 'docs/adr')).sort();

  it('counts from 1 without gaps or repeats', () => {
    const numbers = records.map((name) => Number(/^(\d{4})-[a-z0-9-]+\.md$/.exec(name)?.[1]));
    expect(numbers).toEqual(records.map((_, index) => index + 1));
  });

  it.each(records)('%s says what it has to in at most 40 lines', (name) => {
    const text = read(`docs/adr/${name}`);
    expect(text.split('\n').length).toBeLessThanOrEqual(41);
    expect(text).toMatch(new RegExp(`^# ${Number(name.slice(0, 4))}\\. `, 'm'));
    expect(text).toMatch(/^Status: (accepted|superseded by )/m);
    expect([...text.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)).toEqual([
      'Context',
      'Decision',
      'Consequences',
    ]);
  });
});

describe('source files', () => {
  const sources = files.filter((file) => /\.(ts|js|mjs|proto|hcl|Dockerfile|ya?ml)$/.test(file) || file === '.ci/run');

  it('name their licence in the first lines', () => {
    const isMarked = (file: string): boolean =>
      read(file).slice(0, 1000).includes('SPDX-License-Identifier: Apache-2.0');
    expect(sources.filter((file) => !isMarked(file))).toEqual([]);
  });

  it('have names that say what is in them', () => {
    const code = files.filter((file) => /^(packages|tools|test)\/.*\.(ts|mjs)$/.test(file));
    const isVague = (file: string): boolean => /\/(utils?|helpers?|types|common|misc)\.ts$/.test(file);
    const isMisplacedIndex = (file: string): boolean =>
      file.endsWith('/index.ts') && !/^packages\/[^/]+\/src\/(kubelet-api\/)?index\.ts$/.test(file);
    const isKebab = (file: string): boolean => /(^|\/)[a-z0-9-]+(\.(spec|e2e|d))?\.(ts|mjs)$/.test(file);
    expect(code.filter((file) => isVague(file) || isMisplacedIndex(file) || !isKebab(file))).toEqual([]);
  });

  it('have a median of at most 100 lines', () => {
    const code = files.filter((file) => /^packages\/[^/]+\/src\/.*(?<!\.spec)\.ts$/.test(file));
    const lengths = code.map((file) => read(file).split('\n').length).sort((a, b) => a - b);
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(100);
  });
});

interface Kustomization {
  readonly resources?: string[];
  readonly components?: string[];
  readonly patches?: { readonly path?: string }[];
  readonly configMapGenerator?: { readonly files?: string[] }[];
}

interface DaemonSet {
  readonly metadata: { readonly labels: unknown };
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template: {
      readonly metadata: { readonly labels: unknown };
      readonly spec: {
        readonly containers: { readonly securityContext?: unknown }[];
        readonly volumes: { readonly hostPath?: { readonly path: string } }[];
      };
    };
  };
}

function daemonSet(plugin: string): DaemonSet {
  return parse(read(`deployments/${plugin}/base/daemonset.yaml`)) as DaemonSet;
}

function namedFiles({
  resources = [],
  components = [],
  patches = [],
  configMapGenerator = [],
}: Kustomization): string[] {
  const generated = configMapGenerator
    .flatMap((generator) => generator.files ?? [])
    .map((file) => file.split('=').at(-1) ?? '');
  return [...resources, ...components, ...patches.flatMap(({ path }) => path ?? []), ...generated];
}

function tagsOf(name: string): string[] {
  const { nx } = JSON.parse(read(`packages/${name}/package.json`)) as { nx?: { tags?: string[] } };
  return nx?.tags ?? [];
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** What git tracks or would track; where git cannot say, everything but what is installed or built. */
function sourceFiles(): string[] {
  const git = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (git.status === 0)
    return git.stdout
      .trim()
      .split('\n')
      .filter((file) => existsSync(join(root, file)));
  const made = ['.git', '.nx', 'coverage', 'dist', 'node_modules'];
  return readdirSync(root, { withFileTypes: true })
    .filter(({ name }) => !made.includes(name))
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(entry.name) : [entry.name]));
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(root, join(parentPath, name)));
}
