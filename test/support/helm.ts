// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from '@kube-device-plugins/deploy/find-program';
import { parseManifests, type Manifest } from '@kube-device-plugins/deploy/manifest';

const chart = join(import.meta.dirname, '../../charts/kube-device-plugins');
const named = process.env['HELM'] ?? '';
const helm = named === '' ? findProgram('helm', process.env.PATH ?? '') : named;
/** One that is built by "go install" takes itself for an old one. */
const kubernetes = ['--kube-version', '1.36.0'];

/** Whether there is a helm; where there is none, whoever asks has to skip. */
export const hasHelm = helm !== undefined;

/** Says so loudly where there is none. */
export function warnWithoutHelm(what: string): void {
  if (hasHelm) return;
  const remedy = 'install it (go install helm.sh/helm/v3/cmd/helm@latest), or name one in HELM';
  console.warn(`SKIPPED: ${what}: there is no helm in PATH: ${remedy}`);
}

/** What `helm lint --strict` says of the chart with these values. Rejects when it finds something. */
export async function lintChart(values: object): Promise<string> {
  return await runHelm(['lint', '--strict', chart, ...kubernetes], values);
}

/** The objects of a release. Rejects when the values do not fit their schema. */
export async function templateOf(release: string, namespace: string, values: object): Promise<Manifest[]> {
  return parseManifests(await runHelm(['template', release, chart, '--namespace', namespace, ...kubernetes], values));
}

/** What helm tells whoever installs it. It tells nobody without a cluster, so in a copy the notes are an object. */
export async function notesOf(values: object): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'kdp-'));
  try {
    await cp(chart, directory, { recursive: true, dereference: true });
    const notes = await readFile(join(directory, 'templates/NOTES.txt'), 'utf8');
    const object = `{{ define "notes" }}${notes}{{ end }}notes: {{ include "notes" . | quote }}`;
    await writeFile(join(directory, 'templates/notes.yaml'), object);
    const shown = ['--show-only', 'templates/notes.yaml', ...kubernetes];
    const [made] = parseManifests(await runHelm(['template', 'release', directory, ...shown], values));
    return (made as unknown as { readonly notes: string }).notes;
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function runHelm(args: readonly string[], values: object): Promise<string> {
  if (helm === undefined) throw new Error('there is no helm');
  const running = promisify(execFile)(helm, [...args, '--values', '-'], { maxBuffer: 16 * 1024 * 1024 });
  running.child.stdin?.end(JSON.stringify(values));
  return (await running).stdout;
}
