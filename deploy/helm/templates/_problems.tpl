{{/*
What values.schema.json cannot say: what several values must be together. All problems are reported at once, each with
its remedy. A value of the wrong type or bound, or one that is not known, is refused by the schema before.
*/}}
{{- define "carillon.refuse" -}}
{{- $problems := list -}}
{{- if not .Values.image.repository -}}
{{- $problems = append $problems "image.repository is empty: name the image that you built from the Dockerfile, such as registry.example/carillon" -}}
{{- end -}}
{{- range $name := list "DATABASE_URL" "REDIS_URL" "ENCRYPTION_KEYS" -}}
{{- $ref := index $.Values.secretRefs $name | default dict -}}
{{- if not ($ref.name | default $.Values.existingSecret) -}}
{{- $problems = append $problems (printf "existingSecret is empty: name a Secret with the key %s, or give secretRefs.%s a name" $name $name) -}}
{{- end -}}
{{- end -}}
{{- if .Values.metrics.serviceMonitor.enabled -}}
{{- $token := index .Values.secretRefs "METRICS_TOKEN" | default dict -}}
{{- if not ($token.name | default .Values.existingSecret) -}}
{{- $problems = append $problems "metrics.serviceMonitor.enabled needs METRICS_TOKEN: put it into existingSecret, or give secretRefs.METRICS_TOKEN a name" -}}
{{- end -}}
{{- end -}}
{{- with .Values.settings -}}
{{- $settings := . -}}
{{- range $name, $what := dict "PUBLIC_BASE_URL" "people and providers reach the API" "DASHBOARD_URL" "people reach the dashboard" -}}
{{- $url := index $settings $name | default "" -}}
{{- if not $url -}}
{{- $problems = append $problems (printf "settings.%s is empty: write https:// and the host at which %s" $name $what) -}}
{{- else if and (hasPrefix "http://" $url) (not (contains "http-public-url" ($settings.PRODUCTION_ALLOWS | default ""))) -}}
{{- $problems = append $problems (printf "settings.%s is %s: links and receipts could be read on the way. Use https://, or allow it with settings.PRODUCTION_ALLOWS=http-public-url" $name $url) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- with .Values.api.autoscaling -}}
{{- if and .enabled (gt (int .minReplicas) (int .maxReplicas)) -}}
{{- $problems = append $problems (printf "api.autoscaling: minReplicas %d is more than maxReplicas %d" (int .minReplicas) (int .maxReplicas)) -}}
{{- end -}}
{{- end -}}
{{- $served := list -}}
{{- range $name, $worker := include "carillon.workers" . | fromYaml -}}
{{- $at := printf "workers.%s" $name -}}
{{- $delivers := false -}}
{{- range $role := $worker.roles -}}
{{- $served = append $served $role -}}
{{- range $priority := list "critical" "normal" "bulk" -}}{{- $served = append $served (printf "%s:%s" $role $priority) -}}{{- end -}}
{{- if hasPrefix "deliver" $role -}}{{- $delivers = true -}}{{- end -}}
{{- end -}}
{{- with $worker.autoscaling -}}
{{- if .enabled -}}
{{- if not $delivers -}}
{{- $problems = append $problems (printf "%s.autoscaling: only lanes are measured, and it delivers none. Give it a role deliver:<priority>, or set replicas" $at) -}}
{{- end -}}
{{- if gt (int .minReplicas) (int .maxReplicas) -}}
{{- $problems = append $problems (printf "%s.autoscaling: minReplicas %d is more than maxReplicas %d" $at (int .minReplicas) (int .maxReplicas)) -}}
{{- end -}}
{{- if not $.Values.autoscaling.prometheus.serverAddress -}}
{{- $problems = append $problems (printf "%s.autoscaling needs autoscaling.prometheus.serverAddress: write the URL of the Prometheus that scrapes the workers" $at) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $settings := mergeOverwrite (deepCopy $.Values.settings) $worker.settings -}}
{{- $drain := $settings.WORKER_DRAIN_SECONDS | default 20 | int -}}
{{- $timeout := $settings.SEND_TIMEOUT_MS | default 10000 | int -}}
{{- if ge $timeout (mul $drain 1000 | int) -}}
{{- $problems = append $problems (printf "%s: SEND_TIMEOUT_MS %d is not less than WORKER_DRAIN_SECONDS %d: a pod that stops would cut slow calls off and leave them in doubt" $at $timeout $drain) -}}
{{- end -}}
{{- end -}}
{{- range $role := list "deliver:critical" "deliver:normal" "deliver:bulk" "relay:critical" "relay:normal" "relay:bulk" "events" "maintenance" "campaigns" -}}
{{- if not (has $role $served) -}}
{{- $problems = append $problems (printf "no worker has the role %s: add it to the roles of one that is enabled" $role) -}}
{{- end -}}
{{- end -}}
{{- with $problems -}}
{{- fail (printf "\n\nThe values have %d problem(s):\n  - %s\n" (len .) (join "\n  - " .)) -}}
{{- end -}}
{{- end -}}
