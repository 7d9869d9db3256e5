{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
The DaemonSet of a plugin. Takes root, values (its own), part (the name of the plugin), selector, args, env and
hostPaths, a list of name, path, type, mountPath (that of the host when left out) and readOnly; further volumes, mounts
and initContainers as they are, and serviceAccountName.
*/ -}}
{{- define "kube-device-plugins.daemonset" -}}
{{- $values := .values -}}
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: {{ $values.fullnameOverride }}
  namespace: {{ include "kube-device-plugins.namespace" .root }}
  labels:
    {{- merge (dict) .selector (include "kube-device-plugins.podLabels" .part | fromYaml) (include "kube-device-plugins.releaseLabels" .root | fromYaml) | toYaml | nindent 4 }}
spec:
  selector:
    matchLabels:
      {{- toYaml .selector | nindent 6 }}
  updateStrategy:
    {{- toYaml $values.updateStrategy | nindent 4 }}
  template:
    metadata:
      labels:
        {{- merge (dict) .selector (include "kube-device-plugins.podLabels" .part | fromYaml) $values.podLabels | toYaml | nindent 8 }}
      {{- with $values.podAnnotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      {{- with .serviceAccountName }}
      serviceAccountName: {{ . }}
      {{- end }}
      automountServiceAccountToken: false
      enableServiceLinks: false
      {{- with $values.priorityClassName }}
      priorityClassName: {{ . }}
      {{- end }}
      terminationGracePeriodSeconds: {{ $values.terminationGracePeriodSeconds }}
      {{- with $values.imagePullSecrets }}
      imagePullSecrets:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $values.podSecurityContext }}
      securityContext:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- $nodes := deepCopy $values.nodeSelector }}
      {{- if and $values.nfd.enabled .nfdLabel }}
      {{- $_ := set $nodes .nfdLabel "true" }}
      {{- end }}
      {{- with $nodes }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $values.affinity }}
      affinity:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $values.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .initContainers }}
      initContainers:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        {{- include "kube-device-plugins.container" . | nindent 8 }}
        {{- with $values.extraContainers }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      volumes:
        {{- range .hostPaths }}
        - name: {{ .name }}
          hostPath:
            path: {{ .path }}
            type: {{ .type }}
        {{- end }}
        {{- with concat (.volumes | default list) $values.extraVolumes }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
{{- end -}}

{{- define "kube-device-plugins.container" -}}
{{- $values := .values -}}
- name: {{ .container }}
  image: {{ include "kube-device-plugins.image" (dict "root" .root "image" $values.image "common" $values.image) }}
  imagePullPolicy: {{ $values.image.pullPolicy }}
  # Its default place is below /dev, where the runtime could not make it: /dev is the host's, and read-only.
  terminationMessagePath: /run/termination-log
  args:
    - -v=$(VERBOSITY)
    {{- range concat (.args | default list) $values.extraArgs }}
    - {{ . | quote }}
    {{- end }}
    {{- if not $values.metrics.enabled }}
    - -metrics-bind-address=0
    {{- else if ne (int $values.metrics.port) 8080 }}
    - -metrics-bind-address=:{{ int $values.metrics.port }}
    {{- end }}
  env:
    - name: VERBOSITY
      value: {{ int $values.verbosity | quote }}
    - name: NODE_NAME
      valueFrom:
        fieldRef:
          fieldPath: spec.nodeName
    {{- with concat (.env | default list) $values.extraEnv }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- if $values.metrics.enabled }}
  ports:
    - name: metrics
      containerPort: {{ int $values.metrics.port }}
  livenessProbe:
    httpGet:
      path: /healthz
      port: metrics
    periodSeconds: 10
    timeoutSeconds: 5
    failureThreshold: 3
  readinessProbe:
    httpGet:
      path: /readyz
      port: metrics
    periodSeconds: 5
    timeoutSeconds: 5
  {{- end }}
  resources:
    {{- range $kind := list "requests" "limits" }}
    {{- $quantities := dict }}
    {{- range $name, $quantity := index $values.resources $kind }}
    {{- /* The API server would take null for 0. */ -}}
    {{- if not (kindIs "invalid" $quantity) }}{{ $_ := set $quantities $name $quantity }}{{ end }}
    {{- end }}
    {{- with $quantities }}
    {{ $kind }}:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- end }}
  securityContext:
    {{- toYaml $values.securityContext | nindent 4 }}
  volumeMounts:
    {{- range .hostPaths }}
    - name: {{ .name }}
      mountPath: {{ .mountPath | default .path }}
      {{- if .readOnly }}
      readOnly: true
      {{- end }}
    {{- end }}
    {{- with concat (.mounts | default list) $values.extraVolumeMounts }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}

{{- /* What core needs of the host. Takes values, and the name that the volume of the kubelet's directory has. */ -}}
{{- define "kube-device-plugins.corePaths" -}}
- name: {{ .kubelet }}
  path: {{ .values.kubeletRootDir }}/device-plugins
  type: Directory
  mountPath: /var/lib/kubelet/device-plugins
- name: cdi
  path: /var/run/cdi
  type: DirectoryOrCreate
{{- end -}}
