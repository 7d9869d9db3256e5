// SPDX-License-Identifier: Apache-2.0

/** The parts of a bill of materials that are read or made here. Source: CycloneDX 1.5, JSON schema. */
export interface Sbom {
  readonly metadata: { readonly component: SbomComponent; readonly [key: string]: unknown };
  readonly components: readonly SbomComponent[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
  readonly [key: string]: unknown;
}

export interface SbomComponent {
  readonly 'bom-ref': string;
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly purl?: string;
  readonly [key: string]: unknown;
}

/** A package of Debian in an image. */
export interface DebianComponent {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
}

/** What an image is and has. */
export interface ImageContent {
  readonly name: string;
  readonly version: string;
  /** `LICENSES.txt` of the image: what is bundled. */
  readonly licenses: string;
  readonly nodeVersion: string | undefined;
  readonly debian: readonly DebianComponent[];
}

/**
 * The bill of materials of an image, of the one that npm makes for a plugin: without the packages that the bundles leave out, and
 * with Node.js and the libraries of the base.
 */
export function imageSbom(ofNpm: Sbom, { name, version, licenses, nodeVersion, debian }: ImageContent): Sbom {
  const bundled = ofNpm.components.filter((component) => isBundled(component, licenses)).map(withoutPaths);
  const node = nodeVersion === undefined ? [] : [nodeComponent(nodeVersion)];
  const components = [...bundled, ...node, ...debian.map(debianComponent)];
  const refs = new Set(components.map((component) => component['bom-ref']));
  const image = `${name}@${version}`;
  const dependencies = ofNpm.dependencies
    .filter(({ ref }) => refs.has(ref))
    .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((other) => refs.has(other)) }));
  return {
    ...ofNpm,
    metadata: {
      ...ofNpm.metadata,
      lifecycles: [{ phase: 'build' }],
      component: { 'bom-ref': image, type: 'container', name, version },
    },
    components,
    dependencies: [{ ref: image, dependsOn: [...refs] }, ...dependencies],
  };
}

/** The fields of a package as dpkg keeps them; undefined where they name no package. */
export function parseDebianControl(control: string): DebianComponent | undefined {
  const field = (key: string): string | undefined => new RegExp(`^${key}: *(.*)$`, 'm').exec(control)?.[1];
  const [name, version, architecture] = [field('Package'), field('Version'), field('Architecture')];
  if (name === undefined || version === undefined || architecture === undefined) return undefined;
  return { name, version, architecture };
}

/** The packages of this workspace have no licence text of their own in there, but are what an image is about. */
function isBundled({ name, version, purl = '' }: SbomComponent, licenses: string): boolean {
  const own = /^pkg:npm\/%40kube-device-plugins\/([^@]+)@/.exec(purl)?.[1];
  return own === undefined ? licenses.includes(`\n${name} ${version}\nLicense: `) : own !== 'testkit';
}

/** npm says where each package lies in node_modules, which is nothing of the image. */
function withoutPaths(component: SbomComponent): SbomComponent {
  return Object.fromEntries(Object.entries(component).filter(([key]) => key !== 'properties')) as SbomComponent;
}

function nodeComponent(version: string): SbomComponent {
  const purl = `pkg:generic/node@${version}`;
  const cpe = `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*`;
  return {
    'bom-ref': purl,
    type: 'platform',
    name: 'node',
    version,
    purl,
    cpe,
    licenses: [{ license: { id: 'MIT' } }],
  };
}

function debianComponent({ name, version, architecture }: DebianComponent): SbomComponent {
  const purl = `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${architecture}`;
  return { 'bom-ref': purl, type: 'library', name, version, purl };
}
