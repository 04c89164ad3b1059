{{- /* The cluster's name, which all names begin with. */}}
{{- define "cluster" }}{{ .Values.clusterName | default .Release.Name }}{{ end }}

{{- /* Labels of the release, as YAML. */}}
{{- define "labels" -}}
app.kubernetes.io/name: azure-aks-aso
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- /* One object out of a dict: root, apiVersion, kind, name, spec, labelled, kept. */}}
{{- define "object" }}
{{- $metadata := dict "name" .name "namespace" .root.Release.Namespace }}
{{- if .labelled }}
{{- $_ := set $metadata "labels" (include "labels" .root | fromYaml) }}
{{- end }}
{{- if .kept }}
{{- $_ := set $metadata "annotations" (dict "helm.sh/resource-policy" "keep") }}
{{- end }}
{{ pick . "apiVersion" "kind" "spec" | merge (dict "metadata" $metadata) | toYaml }}
{{- end }}

{{- /* The list of one Azure object that an object of CAPZ carries: root, apiVersion, kind, name, spec. */}}
{{- define "azure" -}}
{{- $signIn := dict "serviceoperator.azure.com/credential-from" .root.Values.credentialSecretName -}}
{{- $metadata := dict "name" .name "annotations" $signIn -}}
{{- list (pick . "apiVersion" "kind" "spec" | merge (dict "metadata" $metadata)) | toYaml -}}
{{- end }}
