{{/* Prefix of all names; 40 characters leave room for the longest suffix within the 63 of a label. */}}
{{- define "carillon.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains "carillon" .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-carillon" .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "carillon.image" -}}
{{- with .Values.image -}}
{{- if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ end -}}
{{- end -}}
{{- end -}}

{{/* Labels by which the pods of a release are chosen; they never change. */}}
{{- define "carillon.releaseLabels" -}}
app.kubernetes.io/name: carillon
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* Labels of everything. Takes { root, component, program }; the latter two may be left out. */}}
{{- define "carillon.labels" -}}
{{ include "carillon.releaseLabels" .root }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- with .program }}
carillon/program: {{ . }}
{{- end }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{/*
The workers that run, as a YAML map of name to value: the defaults, overlaid with their own entry.
Usage: range $name, $worker := include "carillon.workers" . | fromYaml
*/}}
{{- define "carillon.workers" -}}
{{- $workers := dict -}}
{{- range $name, $own := .Values.workers -}}
{{- $worker := mergeOverwrite (deepCopy $.Values.workerDefaults) (deepCopy ($own | default dict)) -}}
{{- if $worker.enabled -}}{{- $_ := set $workers $name $worker -}}{{- end -}}
{{- end -}}
{{- $workers | toYaml -}}
{{- end -}}

{{/* A number as it was written: templates know numbers of values only as floating point, which print as 1e+06. */}}
{{- define "carillon.text" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) }}{{ int64 . }}{{ else }}{{ . }}{{ end -}}
{{- end -}}

{{/* Where a secret lies, as { name, key }. Takes { root, name }. */}}
{{- define "carillon.secretRef" -}}
{{- $own := index .root.Values.secretRefs .name | default dict -}}
name: {{ $own.name | default .root.Values.existingSecret }}
key: {{ $own.key | default .name }}
{{- end -}}

{{/* A secret as an environment variable. Takes { root, name, optional }. */}}
{{- define "carillon.secretEnv" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      {{- include "carillon.secretRef" . | nindent 6 }}
      {{- if .optional }}
      optional: true
      {{- end }}
{{- end -}}
