{{/* Only what Node needs: an ordinary account, a file system that cannot be written, no capability. */}}
{{- define "carillon.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "carillon.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities: { drop: [ALL] }
{{- end -}}

{{/* What every pod of the chart has in common. Takes { root, component, placement }. */}}
{{- define "carillon.podBasics" -}}
{{- $pods := .root.Values.pods -}}
{{- $placement := .placement | default dict -}}
{{- with .root.Values.serviceAccountName }}
serviceAccountName: {{ . }}
{{- end }}
automountServiceAccountToken: false
# Variables of services in the namespace (API_PORT=tcp://...) would be read as settings.
enableServiceLinks: false
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  {{- include "carillon.podSecurity" . | nindent 2 }}
{{- with merge (deepCopy ($placement.nodeSelector | default dict)) $pods.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with concat ($placement.tolerations | default list) $pods.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $pods.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $placement.priorityClassName | default $pods.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end -}}

{{- define "carillon.volumes" -}}
- name: tmp
  emptyDir: { sizeLimit: 256Mi }
{{- with .Values.certificateAuthority.configMap }}
- name: certificate-authority
  configMap: { name: {{ . }} }
{{- end }}
{{- end -}}

{{- define "carillon.mounts" -}}
- { name: tmp, mountPath: /tmp }
{{- if .Values.certificateAuthority.configMap }}
- { name: certificate-authority, mountPath: /etc/carillon/certificate-authority, readOnly: true }
{{- end }}
{{- end -}}

{{- define "carillon.certificateEnv" -}}
{{- with .Values.certificateAuthority }}
{{- if .configMap }}
- name: NODE_EXTRA_CA_CERTS
  value: /etc/carillon/certificate-authority/{{ .key }}
{{- end }}
{{- end }}
{{- end -}}

{{/*
A Deployment of one program, the Service at which Prometheus or an ingress finds it, and its disruption budget.
Takes { root, program, component, command, values, port, env (a list), replicas, grace, roles, settings, preStop }.
*/}}
{{- define "carillon.deployment" -}}
{{- $root := .root -}}
{{- $name := printf "%s-%s" (include "carillon.fullname" $root) .component -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}
  labels:
    {{- include "carillon.labels" . | nindent 4 }}
spec:
  {{- if not .isScaled }}
  replicas: {{ .values.replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  # The new pod is ready before an old one goes: no lane and no request waits for a release.
  strategy:
    rollingUpdate: { maxSurge: 1, maxUnavailable: 0 }
  selector:
    matchLabels:
      {{- include "carillon.releaseLabels" $root | nindent 6 }}
      app.kubernetes.io/component: {{ .component }}
  template:
    metadata:
      labels:
        {{- with $root.Values.pods.labels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
        {{- include "carillon.labels" . | nindent 8 }}
      annotations:
        # Settings are read at the start: a change of them is a new pod.
        checksum/settings: {{ include "carillon.settings" $root | sha256sum }}
        {{- if $root.Values.metrics.annotations }}
        prometheus.io/scrape: 'true'
        prometheus.io/port: {{ .port | quote }}
        prometheus.io/path: /metrics
        {{- end }}
        {{- with $root.Values.pods.annotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      {{- include "carillon.podBasics" (dict "root" $root "placement" .values) | trim | nindent 6 }}
      terminationGracePeriodSeconds: {{ .grace }}
      {{- if $root.Values.pods.topologySpread }}
      topologySpreadConstraints:
        {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
        - maxSkew: 1
          topologyKey: {{ . }}
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              {{- include "carillon.releaseLabels" $root | nindent 14 }}
              app.kubernetes.io/component: {{ $.component }}
          # Pods of the release before do not count: they are about to go.
          matchLabelKeys: [pod-template-hash]
        {{- end }}
      {{- end }}
      containers:
        - name: {{ .program }}
          image: {{ include "carillon.image" $root }}
          imagePullPolicy: {{ $root.Values.image.pullPolicy }}
          command: {{ .command | toJson }}
          securityContext:
            {{- include "carillon.containerSecurity" $root | nindent 12 }}
          envFrom:
            - configMapRef: { name: {{ include "carillon.fullname" $root }}-settings }
          env:
            {{- include "carillon.programEnv" . | trim | nindent 12 }}
          ports:
            - { name: http, containerPort: {{ .port }} }
          # A busy node may take long to start Node; afterwards a process that does not answer is started again.
          startupProbe:
            httpGet: { path: /healthz, port: http }
            periodSeconds: 2
            timeoutSeconds: 3
            failureThreshold: 60
          livenessProbe:
            httpGet: { path: /healthz, port: http }
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 3
          readinessProbe:
            httpGet: { path: /readyz, port: http }
            periodSeconds: 5
            timeoutSeconds: 5
            failureThreshold: 2
          {{- with .preStop }}
          lifecycle:
            preStop:
              exec: { command: {{ . | toJson }} }
          {{- end }}
          resources:
            {{- toYaml .values.resources | nindent 12 }}
          volumeMounts:
            {{- include "carillon.mounts" $root | nindent 12 }}
            {{- if and (eq .program "worker") $root.Values.providers.existingSecret }}
            - { name: providers, mountPath: /etc/carillon/providers, readOnly: true }
            {{- end }}
      volumes:
        {{- include "carillon.volumes" $root | nindent 8 }}
        {{- if and (eq .program "worker") $root.Values.providers.existingSecret }}
        - name: providers
          secret: { secretName: {{ $root.Values.providers.existingSecret }} }
        {{- end }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}
  labels:
    {{- include "carillon.labels" . | nindent 4 }}
  {{- with $root.Values.service.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- if eq .program "worker" }}
  # For Prometheus alone, which asks each pod.
  clusterIP: None
  {{- else }}
  type: {{ $root.Values.service.type }}
  {{- end }}
  selector:
    {{- include "carillon.releaseLabels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
  ports:
    - { name: http, port: {{ .port }}, targetPort: http }
{{- if $root.Values.disruptionBudget.enabled }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ $name }}
  labels:
    {{- include "carillon.labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  # A pod that waits for PostgreSQL does not keep a node from being drained.
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "carillon.releaseLabels" $root | nindent 6 }}
      app.kubernetes.io/component: {{ .component }}
{{- end }}
{{- end -}}

{{/* The environment of a program besides the ConfigMap. Takes what carillon.deployment takes. */}}
{{- define "carillon.programEnv" -}}
{{- $root := .root -}}
{{- range $name := list "DATABASE_URL" "REDIS_URL" "ENCRYPTION_KEYS" }}
{{ include "carillon.secretEnv" (dict "root" $root "name" $name) }}
{{- end }}
{{ include "carillon.secretEnv" (dict "root" $root "name" "METRICS_TOKEN" "optional" (not $root.Values.metrics.serviceMonitor.enabled)) }}
{{- range $name := list "DATABASE_DIRECT_URL" "SENTRY_DSN" "OTEL_EXPORTER_OTLP_HEADERS" }}
{{ include "carillon.secretEnv" (dict "root" $root "name" $name "optional" true) }}
{{- end }}
{{- $prefix := upper .program }}
- name: {{ $prefix }}_HOST
  value: 0.0.0.0
- name: {{ $prefix }}_PORT
  value: {{ .port | quote }}
{{- with .roles }}
- name: WORKER_ROLES
  value: {{ join "," . | quote }}
{{- end }}
{{- if eq .program "api" }}
{{ include "carillon.secretEnv" (dict "root" $root "name" "DATABASE_REPLICA_URL" "optional" true) }}
{{- end }}
{{- if eq .program "dashboard" }}
- name: API_URL
  value: http://{{ include "carillon.fullname" $root }}-api:3000
{{ include "carillon.secretEnv" (dict "root" $root "name" "OIDC_CLIENT_SECRET" "optional" true) }}
{{- end }}
{{- if and (eq .program "worker") $root.Values.providers.existingSecret }}
- name: PROVIDERS_FILE
  value: /etc/carillon/providers/{{ $root.Values.providers.key }}
{{- end }}
{{- range $name, $value := .settings }}
- name: {{ $name }}
  value: {{ include "carillon.text" $value | quote }}
{{- end }}
{{- include "carillon.certificateEnv" $root }}
{{- end -}}
