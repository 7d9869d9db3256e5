{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /* The values of one plugin: its own go before the common ones. Takes root and plugin. */ -}}
{{- define "kube-device-plugins.values" -}}
{{- $common := omit (deepCopy .root.Values) "gpu" "qat" "fpga" "simple" "all" "global" -}}
{{- $values := mustMergeOverwrite $common (deepCopy (index .root.Values .plugin)) -}}
{{- /* Names that the charts of others have. */ -}}
{{- if hasKey $values "logLevel" }}{{ $_ := set $values "verbosity" $values.logLevel }}{{ end -}}
{{- if hasKey $values "nodeFeatureRule" }}{{ $_ := set $values.nodeFeatureRules "enabled" $values.nodeFeatureRule }}{{ end -}}
{{- with $values.image.hub }}{{ $_ := set $values.image "registry" . }}{{ end -}}
{{- with $values.initImage -}}
{{- if hasKey . "enable" }}{{ $_ := set . "enabled" .enable }}{{ end -}}
{{- if .hub }}{{ $_ := set . "registry" .hub }}{{ end -}}
{{- end -}}
{{- toYaml $values -}}
{{- end -}}

{{- define "kube-device-plugins.namespace" -}}
{{- .Values.namespaceOverride | default .Release.Namespace -}}
{{- end -}}

{{- /* Of the pods too, so nothing in it may change with a release. Takes the name of the plugin. */ -}}
{{- define "kube-device-plugins.podLabels" -}}
app.kubernetes.io/name: {{ . }}
app.kubernetes.io/component: device-plugin
app.kubernetes.io/part-of: kube-device-plugins
{{- end -}}

{{- /* Labels of objects that belong to no pod. Takes root. */ -}}
{{- define "kube-device-plugins.releaseLabels" -}}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- /* Takes root, image, and the common image that it is filled up with. */ -}}
{{- define "kube-device-plugins.image" -}}
{{- $image := merge (deepCopy .image) (omit .common "repository" "digest") -}}
{{- $name := printf "%s/%s" $image.registry $image.repository | trimPrefix "/" -}}
{{- if $image.digest -}}
{{ $name }}@{{ $image.digest }}
{{- else -}}
{{ $name }}:{{ $image.tag | default .root.Chart.AppVersion }}
{{- end -}}
{{- end -}}
