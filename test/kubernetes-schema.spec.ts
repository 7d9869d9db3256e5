// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { schemaProblems, type KubernetesObject } from './support/kubernetes-schema.ts';

const deployments = join(import.meta.dirname, '../deployments');

/** Mistakes that have to be found, or the other tests prove nothing. */
describe('schemaProblems()', () => {
  it.each([
    ['gpu-plugin/base/daemonset.yaml', 'readOnly: true', 'readonly: true', /volumeMounts\/1\/readonly: is no field/],
    ['gpu-plugin/base/daemonset.yaml', 'type: RollingUpdate', 'type: Rolling', /updateStrategy\/type: .*RollingUpdate/],
    ['gpu-plugin/base/daemonset.yaml', 'containerPort: 8080', 'containerPort: http', /containerPort: .*integer/],
    ['gpu-plugin/base/daemonset.yaml', '- name: metrics', '- named: metrics', /ports\/0\/named: is no field/],
    ['gpu-plugin/base/daemonset.yaml', 'path: /readyz', 'portal: /readyz', /httpGet\/portal: is no field/],
    ['gpu-plugin/base/daemonset.yaml', '  selector:', '  selectors:', /spec: .*selector/],
    ['gpu-plugin/base/daemonset.yaml', 'kind: DaemonSet', 'kind: DemonSet', /no schema for apps\/v1 DemonSet/],
    ['gpu-plugin/base/daemonset.yaml', 'mountPath: /dev', 'mountPath: 5', /mountPath: .*string/],
    ['components/pod-monitor/pod-monitor.yaml', 'interval: 30s', 'interval: 30', /interval.*string/],
    ['components/pod-monitor/pod-monitor.yaml', 'port: metrics', 'ports: metrics', /additional properties.*ports/],
    ['nfd/node-feature-rules/qat-plugin.yaml', 'op: In', 'op: in', /matchExpressions/],
    ['nfd/node-feature-rules/qat-plugin.yaml', 'feature: pci.device', 'feature: pci', /feature.*allowed values/],
    ['nfd/node-feature-rules/qat-plugin.yaml', "qat: 'true'", 'qat: true', /labels.*string/],
    ['nfd/node-feature-rules/qat-plugin.yaml', 'matchAny:', 'matchAll:', /matchAll/],
  ])('finds in %s that "%s" is "%s"', async (file, right, wrong, told) => {
    const text = readFileSync(join(deployments, file), 'utf8');
    expect(text).toContain(right);
    const problems = await schemaProblems(parse(text.replace(right, wrong)) as KubernetesObject);
    expect(problems.join('\n')).toMatch(told);
  });
});
