#!/usr/bin/env bash
# The course's tour of Bedrock and CloudWatch with the AWS CLI, against an emulator that runs already:
#   AWS_ENDPOINT_URL=http://127.0.0.1:4566 clients/cli/tour.sh [--clock real|frozen]
# Each step prints what it does and what it sees; the first surprise ends the script with exit code 1. The clock is in the
# end as it was.
set -euo pipefail

clock=real
case "${1:-}" in
    '') ;;
    --clock) clock=${2:?real or frozen} ;;
    *) echo "usage: tour.sh [--clock real|frozen]" >&2 && exit 2 ;;
esac

endpoint=${AWS_ENDPOINT_URL:-http://127.0.0.1:4566}
export AWS_DEFAULT_REGION=${AWS_REGION:-${AWS_DEFAULT_REGION:-us-east-1}} AWS_PAGER=
export AWS_ACCESS_KEY_ID=${AWS_ACCESS_KEY_ID:-test} AWS_SECRET_ACCESS_KEY=${AWS_SECRET_ACCESS_KEY:-test}
model=amazon.titan-text-express-v1
name=tour-$$-$(date +%s)
group=/$name/bedrock
scratch=$(mktemp -d)
webhook=
found=

step() { printf '\n== %s\n' "$1"; }
see() { printf '   %s\n' "$1"; }
surprise() {
    printf '\nSurprise: expected this and saw something else: %s\n' "$1" >&2
    exit 1
}
expect() { # words to look for, text, what it means
    case "$2" in *"$1"*) ;; *) surprise "$3 (in: $2)" ;; esac
}

# Version 1 of the CLI takes the endpoint of SQS from the queue's URL unless it is told.
cloud() { aws --endpoint-url "$endpoint" --output text "$@"; }

# Rockwatch's own API, beside the AWS ones on the same port.
control() { # method, path, body
    curl -sS --fail-with-body -X "$1" "$endpoint/_rockwatch/$2" -H 'Content-Type: application/json' ${3:+-d "$3"}
}

# A clock that had been moved goes on from where the tour leaves it: it must not go backwards.
put_clock_back() {
    local mode offset
    mode=$(member mode "$found") offset=$(member offsetMs "$found")
    if [ "$mode" = real ] && [ "${offset#-}" -lt 1000 ]; then
        control POST reset '{"scopes":["clock"]}'
    elif [ "$mode" = scaled ]; then
        control PUT clock "{\"mode\":\"scaled\",\"speed\":$(member speed "$found")}"
    else
        control PUT clock "{\"mode\":\"$mode\"}"
    fi
}

leave() {
    [ -z "$webhook" ] || kill "$webhook" 2>/dev/null || true
    control DELETE "rules/$name-slow" >/dev/null 2>&1 || true
    control DELETE "rules/$name-spike" >/dev/null 2>&1 || true
    [ -z "$found" ] || put_clock_back >/dev/null 2>&1 || true
    rm -rf "$scratch"
}
trap leave EXIT

member() { sed "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/" <<<"$2"; } # name, JSON

now() { member now "$(control GET clock)"; }

# The CLI's version 1 prints a time as seconds.
iso() { if [[ $1 == *T* ]]; then echo "$1"; else date -u -d "@$1" +%FT%TZ; fi; }

# Calls of this minute, and of a tour before the clock was put back, must not get among ours.
begin_in_an_empty_minute() {
    local last
    begin=$(now)
    last=$(cloud cloudwatch get-metric-statistics --namespace AWS/Bedrock --metric-name InvocationLatency --period 60 \
        --dimensions "Name=ModelId,Value=$model" --statistics SampleCount --start-time "$begin" \
        --end-time "$(date -u -d "$begin + 1 hour" +%FT%TZ)" --query 'max(Datapoints[].Timestamp)')
    [ "$last" != None ] || return 0
    control POST clock/advance "{\"to\":\"$(date -u -d "$(iso "$last") + 1 minute" +%FT%TZ)\"}" >/dev/null
    begin=$(now)
}

converse() { # prompt, query
    cloud bedrock-runtime converse --model-id "$model" --inference-config maxTokens=128,temperature=0.5 \
        --messages "[{\"role\":\"user\",\"content\":[{\"text\":\"$1\"}]}]" --query "$2"
}

put_logging() { # further members
    cloud bedrock put-model-invocation-logging-configuration --logging-config \
        "{\"cloudWatchConfig\":{\"logGroupName\":\"$group\",\"roleArn\":\"$role\"}${1:-}}"
}

newest_record() {
    cloud logs get-log-events --log-group-name "$group" --log-stream-name aws/bedrock/modelinvocations \
        --start-from-head --query 'events[-1].message'
}

# Calls the model and turns the clock minute by minute until the alarm is in a state.
minutes_until() {
    local minute happened
    for minute in 1 2 3 4 5; do
        converse 'Are you there?' stopReason >/dev/null
        happened=$(control POST clock/advance '{"seconds":60}')
        see "minute $minute: $happened"
        [ "$(cloud cloudwatch describe-alarms --alarm-names "$name" --query 'MetricAlarms[0].StateValue')" != "$1" ] || return 0
    done
    surprise "the alarm goes to $1 within five minutes"
}

# The alarm's message about a state, from the queue and from the webhook.
message_of() {
    local try message=
    for try in $(seq 1 20); do
        message+=$(cloud sqs receive-message --queue-url "$queue" --max-number-of-messages 10 --query 'Messages[].Body')
        case "$message" in *"NewStateValue\\\":\\\"$1"*) break ;; esac
        [ "$try" -lt 20 ] || surprise "the message about $1 is in the queue (in: $message)"
        sleep 0.1
    done
    for try in $(seq 1 50); do
        ! grep -q "NewStateValue\\\\\":\\\\\"$1" "$scratch/webhook.log" || break
        [ "$try" -lt 50 ] || surprise "the message about $1 is at the webhook"
        sleep 0.1
    done
    see "queue and webhook got the message about $1"
}

found=$(control GET clock)
control PUT clock "{\"mode\":\"$clock\"}" >/dev/null
begin_in_an_empty_minute
account=$(cloud sts get-caller-identity --query Account)
role=arn:aws:iam::$account:role/$name

step "1. Invocation logging into a log group that does not exist is refused"
if answer=$(put_logging 2>&1); then surprise 'the configuration is refused'; fi
see "$answer"
expect ValidationException "$answer" 'the code'
expect "Failed to validate permissions for log group: $group, with role: $role." "$answer" "AWS's own sentence"
expect 'The specified log group does not exist.' "$answer" 'the cause in a sentence'

step "2. With the log group and a role that Bedrock may use, it is accepted"
cloud logs create-log-group --log-group-name "$group"
cloud iam create-role --role-name "$name" --query Role.Arn --assume-role-policy-document '{"Version":"2012-10-17",
  "Statement":[{"Effect":"Allow","Principal":{"Service":"bedrock.amazonaws.com"},"Action":"sts:AssumeRole"}]}' >/dev/null
cloud iam put-role-policy --role-name "$name" --policy-name write-invocation-log --policy-document "{
  \"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"logs:CreateLogStream\",\"logs:PutLogEvents\"],
  \"Resource\":\"arn:aws:logs:$AWS_DEFAULT_REGION:$account:log-group:$group:log-stream:aws/bedrock/modelinvocations\"}]}"
put_logging
answer=$(cloud bedrock get-model-invocation-logging-configuration --query loggingConfig.cloudWatchConfig.logGroupName)
see "logging goes to $answer"
expect "$group" "$answer" 'the configuration reads back'

step "3. $model answers"
answer=$(converse 'What is CloudWatch?' 'output.message.content[0].text')
see "it says: ${answer:0:90} ..."
[ -n "$answer" ] || surprise 'there is an answer'

step "4. The log stream has the permission check and the record of that call"
first=$(cloud logs get-log-events --log-group-name "$group" --log-stream-name aws/bedrock/modelinvocations \
    --start-from-head --query 'events[0].message')
see "first: $first"
expect 'Permissions are correctly set for Amazon Bedrock logs.' "$first" 'the permission check comes first'
record=$(newest_record)
see "then: ${record:0:400} ..."
for part in '"schemaType":"ModelInvocationLog"' '"operation":"Converse"' "\"modelId\":\"$model\"" \
    "\"region\":\"$AWS_DEFAULT_REGION\"" 'What is CloudWatch?' '"temperature":0.5' '"inputTokenCount":' '"latencyMs":' \
    '"totalTokens":'; do
    expect "$part" "$record" 'the record tells the call'
done

step "   A rule makes the model take 4,038 ms; answer and record tell it"
control POST rules "{\"id\":\"$name-slow\",\"match\":{\"modelId\":\"amazon.titan-*\"},\"latency\":4038}" >/dev/null
answer=$(converse 'Take your time.' metrics.latencyMs)
control DELETE "rules/$name-slow" >/dev/null
see "the answer says: $answer ms"
[ "$answer" = 4038 ] || surprise "the latency is the rule's"
expect '"latencyMs":4038' "$(newest_record)" 'the record has the latency'

step "5. With text delivery switched off, records keep their figures and leave the bodies out"
put_logging ',"textDataDeliveryEnabled":false'
converse 'This stays between us.' stopReason >/dev/null
record=$(newest_record)
see "$record"
expect '"outputTokenCount":' "$record" 'the tokens are still counted'
case "$record" in *BodyJson* | *'between us'*) surprise 'no bodies' ;; esac
put_logging

step "6. AWS/Bedrock has the calls, by model and across all models"
window=(--start-time "$begin" --end-time "$(date -u -d "$(now) + 1 minute" +%FT%TZ)")
statistics() { # metric, statistic, dimensions
    cloud cloudwatch get-metric-statistics --namespace AWS/Bedrock --metric-name "$1" --period 60 --statistics "$2" \
        "${window[@]}" --query "Datapoints[].$2" ${3:+--dimensions "$3"}
}
see "invocations of the model: $(statistics Invocations Sum "Name=ModelId,Value=$model")"
see "invocations of all models: $(statistics Invocations Sum)"
[ -n "$(statistics OutputTokenCount Sum)" ] || surprise 'tokens are counted'
answer=$(cloud cloudwatch get-metric-data "${window[@]}" --query 'MetricDataResults[0].Values' --metric-data-queries "[{\"Id\":\"slowest\",
  \"MetricStat\":{\"Metric\":{\"Namespace\":\"AWS/Bedrock\",\"MetricName\":\"InvocationLatency\",
  \"Dimensions\":[{\"Name\":\"ModelId\",\"Value\":\"$model\"}]},\"Period\":60,\"Stat\":\"Maximum\"}}]")
see "slowest call a minute: $answer"
expect 4038 "$answer" 'the slow call is the maximum'

step "7. An alarm on the latency tells an SNS topic, and that a queue and a webhook"
python3 - "$scratch" <<'PYTHON' &
import http.server, os, sys
folder = sys.argv[1]
class Webhook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with open(folder + "/webhook.log", "ab") as log:
            log.write(body + b"\n")
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *_):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Webhook)
with open(folder + "/port.new", "w") as port:
    port.write(str(server.server_port))
os.rename(folder + "/port.new", folder + "/port")
server.serve_forever()
PYTHON
webhook=$!
touch "$scratch/webhook.log"
for try in $(seq 1 50); do [ ! -f "$scratch/port" ] || break; sleep 0.1; done

topic=$(cloud sns create-topic --name "$name")
queue=$(cloud sqs create-queue --queue-name "$name")
queue_arn=$(cloud sqs get-queue-attributes --queue-url "$queue" --attribute-names QueueArn --query Attributes.QueueArn)
cloud sns subscribe --topic-arn "$topic" --protocol sqs --notification-endpoint "$queue_arn" >/dev/null
cloud sns subscribe --topic-arn "$topic" --protocol http \
    --notification-endpoint "http://127.0.0.1:$(cat "$scratch/port")/oncall" >/dev/null
for try in $(seq 1 50); do ! grep -q SubscriptionConfirmation "$scratch/webhook.log" || break; sleep 0.1; done
token=$(python3 -c 'import json, sys; print(json.loads(open(sys.argv[1]).readline())["Token"])' "$scratch/webhook.log") ||
    surprise 'the webhook is asked to confirm'
cloud sns confirm-subscription --topic-arn "$topic" --token "$token" >/dev/null
cloud cloudwatch put-metric-alarm --alarm-name "$name" --namespace AWS/Bedrock --metric-name InvocationLatency \
    --dimensions "Name=ModelId,Value=$model" --statistic Average --period 60 --evaluation-periods 2 \
    --datapoints-to-alarm 2 --threshold 5000 --comparison-operator GreaterThanThreshold \
    --treat-missing-data notBreaching --alarm-actions "$topic" --ok-actions "$topic"
minutes_until OK

step "   The latency spikes to 8,000 ms"
control POST rules "{\"id\":\"$name-spike\",\"match\":{\"modelId\":\"$model\"},\"latency\":{\"ms\":8000,\"sleep\":false}}" >/dev/null
minutes_until ALARM
message_of ALARM

step "   The latency recovers"
control DELETE "rules/$name-spike" >/dev/null
minutes_until OK
message_of OK

step "   A dashboard is stored and read back"
cloud cloudwatch put-dashboard --dashboard-name "$name" --dashboard-body "{\"widgets\":[{\"type\":\"metric\",\"width\":12,
  \"height\":6,\"properties\":{\"region\":\"$AWS_DEFAULT_REGION\",\"metrics\":[[\"AWS/Bedrock\",\"InvocationLatency\"]]}}]}"
answer=$(cloud cloudwatch get-dashboard --dashboard-name "$name" --query DashboardBody)
expect InvocationLatency "$answer" 'the dashboard reads back'
see "stored as $name"

printf '\nThe tour is over; everything was as it should be.\n'
