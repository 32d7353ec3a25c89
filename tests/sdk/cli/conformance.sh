#!/usr/bin/env bash
# The conformance program for the AWS CLI: what it asks of the emulator, and how it reports, is told in ../test_sdks.py.
#   conformance.sh PROGRAM [before-bedrock]    the latter for one that knows neither Bedrock nor AWS_ENDPOINT_URL
set -euo pipefail
command=("$1")
old=${2:-}
[ -z "$old" ] || command+=(--endpoint-url "$AWS_ENDPOINT_URL")
nova=amazon.nova-lite-v1:0
export AWS_PAGER='' AWS_DEFAULT_OUTPUT=text
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

aws() { "${command[@]}" "$@"; }

expect() { # seen, wanted
    [ "$1" = "$2" ] || { echo "wanted '$2', saw '$1'" >&2 && exit 1; }
}

# Runs a call that must fail, and looks for what the CLI says of the error.
expect_error() { # text, command
    local text=$1
    shift
    if "$@" >"$scratch/out" 2>"$scratch/error"; then
        echo "this succeeded: $*" >&2 && exit 1
    fi
    grep -qF "$text" "$scratch/error" || { cat "$scratch/error" >&2 && exit 1; }
}

tabs_as_spaces() { tr '\t' ' '; }

if [ -z "$old" ]; then
    hello='[{"role":"user","content":[{"text":"hello"}]}]'
    expect "$(aws bedrock-runtime converse --model-id "$nova" --messages "$hello" \
        --query '[output.message.content[0].text, stopReason, usage.outputTokens]' | tabs_as_spaces)" \
        'Hello from the rule. end_turn 5'
    echo 'ok converse'

    expect "$(aws bedrock-runtime converse --model-id "$nova" \
        --messages '[{"role":"user","content":[{"text":"weather?"}]}]' \
        --tool-config '{"tools":[{"toolSpec":{"name":"get_weather","inputSchema":{"json":{"type":"object"}}}}]}' \
        --query 'output.message.content[].toolUse | [0].input.[city, days]' | tabs_as_spaces)" 'Oslo 3'
    echo 'ok tool'

    aws bedrock-runtime invoke-model --model-id amazon.titan-text-express-v1 --body '{"inputText":"hello"}' \
        "$scratch/body" >/dev/null
    grep -qF 'Hello from the rule.' "$scratch/body"
    echo 'ok invoke-model'

    expect_error 'An error occurred (ValidationException) when calling the Converse operation' \
        aws bedrock-runtime converse --model-id no.such-model --messages "$hello"
    echo 'ok bedrock-error'
fi

aws logs create-log-group --log-group-name conformance
aws logs create-log-stream --log-group-name conformance --log-stream-name cli
aws logs put-log-events --log-group-name conformance --log-stream-name cli --log-events \
    '[{"timestamp":1767225600000,"message":"first café"},{"timestamp":1767225600001,"message":"second ☕"}]' >/dev/null
expect "$(aws logs get-log-events --log-group-name conformance --log-stream-name cli --start-from-head \
    --query 'events[].[timestamp, message]' | tabs_as_spaces)" \
    $'1767225600000 first café\n1767225600001 second ☕'
expect "$(aws logs filter-log-events --log-group-name conformance --filter-pattern second \
    --query 'events[].message')" 'second ☕'
echo 'ok logs'

expect_error 'An error occurred (ResourceNotFoundException) when calling the GetLogEvents operation' \
    aws logs get-log-events --log-group-name no-such-group --log-stream-name cli
echo 'ok logs-error'

dimensions='[{"Name":"Client","Value":"cli"}]'
window=(--start-time 2025-12-31T23:55:00Z --end-time 2026-01-01T00:05:00Z)
aws cloudwatch put-metric-data --namespace Conformance --metric-data '[
    {"MetricName":"Latency","Dimensions":'"$dimensions"',"Timestamp":"2026-01-01T00:00:00Z","Value":1.5,"Unit":"Milliseconds"},
    {"MetricName":"Latency","Dimensions":'"$dimensions"',"Timestamp":"2026-01-01T00:00:00Z","Values":[2.5,4],"Counts":[1,2],
     "Unit":"Milliseconds"}]'
expect "$(aws cloudwatch get-metric-statistics --namespace Conformance --metric-name Latency \
    --dimensions "$dimensions" "${window[@]}" --period 60 --statistics Sum SampleCount Maximum \
    --query 'Datapoints[].[Sum, SampleCount, Maximum, Unit]' | tabs_as_spaces)" '12.0 4.0 4.0 Milliseconds'
expect "$(aws cloudwatch get-metric-data "${window[@]}" --metric-data-queries '[
    {"Id":"total","MetricStat":{"Period":60,"Stat":"Sum",
     "Metric":{"Namespace":"Conformance","MetricName":"Latency","Dimensions":'"$dimensions"'}}}]' \
    --query 'MetricDataResults[].[Id, Values[0]]' | tabs_as_spaces)" 'total 12.0'
echo 'ok metric'

expect_error 'An error occurred (ResourceNotFound) when calling the GetDashboard operation' \
    aws cloudwatch get-dashboard --dashboard-name no-such-dashboard
echo 'ok metric-error'

aws cloudwatch put-metric-alarm --alarm-name slow --namespace Conformance --metric-name Latency \
    --dimensions "$dimensions" --statistic Maximum --period 60 --evaluation-periods 1 --threshold 2.25 \
    --comparison-operator GreaterThanThreshold
expect "$(aws cloudwatch describe-alarms --alarm-names slow \
    --query 'MetricAlarms[].[StateValue, Threshold]' | tabs_as_spaces)" 'INSUFFICIENT_DATA 2.25'
echo 'time?'
read -r _
expect "$(aws cloudwatch describe-alarms --state-value ALARM --query 'MetricAlarms[].AlarmName')" slow
echo 'ok alarm'
