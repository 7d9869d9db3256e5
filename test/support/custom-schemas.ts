// SPDX-License-Identifier: Apache-2.0

/** A JSON Schema. */
type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: 'string', minLength: 1 };
const texts: Schema = { type: 'object', additionalProperties: text, minProperties: 1 };

/**
 * What our objects of kinds that others define may have: less than their definitions allow, so that a misspelt field is found.
 * Sources: sigs.k8s.io/node-feature-discovery v0.17, api/nfd/v1alpha1; prometheus-operator v0.85, PodMonitor of monitoring.coreos.com/v1.
 */
export const customSchemas: Readonly<Record<string, Schema>> = {
  'nfd.k8s-sigs.io/v1alpha1 NodeFeatureRule': customResource({
    rules: list(
      object(['name'], {
        name: text,
        labels: texts,
        labelsTemplate: text,
        matchFeatures: featureMatcher(),
        matchAny: list(object(['matchFeatures'], { matchFeatures: featureMatcher() })),
      }),
    ),
  }),
  'monitoring.coreos.com/v1 PodMonitor': customResource({
    selector: object(['matchLabels'], { matchLabels: texts }),
    podMetricsEndpoints: list(
      object(['port'], { port: text, interval: { type: 'string', pattern: String.raw`^(\d+(ms|s|m|h))+$` } }),
    ),
  }),
};

function list(items: Schema): Schema {
  return { type: 'array', items, minItems: 1 };
}

function object(required: readonly string[], properties: Readonly<Record<string, Schema>>): Schema {
  return { type: 'object', required, properties, additionalProperties: false };
}

function customResource(spec: Readonly<Record<string, Schema>>): Schema {
  return object(['apiVersion', 'kind', 'metadata', 'spec'], {
    apiVersion: text,
    kind: text,
    metadata: object(['name'], { name: text, namespace: text, labels: texts }),
    spec: object(Object.keys(spec), spec),
  });
}

/** All terms have to match. */
function featureMatcher(): Schema {
  const withValues = object(['op', 'value'], { op: { enum: ['In', 'NotIn', 'InRegexp'] }, value: list(text) });
  const without = object(['op'], { op: { enum: ['Exists', 'DoesNotExist', 'IsTrue', 'IsFalse'] } });
  const expression = { anyOf: [withValues, without] };
  return list(
    object(['feature', 'matchExpressions'], {
      // Those that node-feature-discovery has and these rules use.
      feature: { enum: ['pci.device', 'kernel.enabledmodule'] },
      matchExpressions: { type: 'object', additionalProperties: expression, minProperties: 1 },
    }),
  );
}
