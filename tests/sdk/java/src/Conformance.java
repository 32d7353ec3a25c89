import static java.util.stream.Collectors.joining;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.document.Document;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlockDeltaEvent;
import software.amazon.awssdk.services.bedrockruntime.model.ConversationRole;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamMetadataEvent;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamOutput;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelResponse;
import software.amazon.awssdk.services.bedrockruntime.model.Message;
import software.amazon.awssdk.services.bedrockruntime.model.MessageStopEvent;
import software.amazon.awssdk.services.bedrockruntime.model.ModelStreamErrorException;
import software.amazon.awssdk.services.bedrockruntime.model.StopReason;
import software.amazon.awssdk.services.bedrockruntime.model.ToolUseBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ValidationException;
import software.amazon.awssdk.services.cloudwatch.model.ComparisonOperator;
import software.amazon.awssdk.services.cloudwatch.model.DashboardNotFoundErrorException;
import software.amazon.awssdk.services.cloudwatch.model.Datapoint;
import software.amazon.awssdk.services.cloudwatch.model.DescribeAlarmsRequest;
import software.amazon.awssdk.services.cloudwatch.model.Dimension;
import software.amazon.awssdk.services.cloudwatch.model.GetDashboardRequest;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricDataRequest;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricStatisticsRequest;
import software.amazon.awssdk.services.cloudwatch.model.Metric;
import software.amazon.awssdk.services.cloudwatch.model.MetricAlarm;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataResult;
import software.amazon.awssdk.services.cloudwatch.model.MetricDatum;
import software.amazon.awssdk.services.cloudwatch.model.PutMetricAlarmRequest;
import software.amazon.awssdk.services.cloudwatch.model.PutMetricDataRequest;
import software.amazon.awssdk.services.cloudwatch.model.StandardUnit;
import software.amazon.awssdk.services.cloudwatch.model.StateValue;
import software.amazon.awssdk.services.cloudwatch.model.Statistic;
import software.amazon.awssdk.services.cloudwatchlogs.model.CreateLogGroupRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.CreateLogStreamRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.FilterLogEventsRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.FilteredLogEvent;
import software.amazon.awssdk.services.cloudwatchlogs.model.GetLogEventsRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.InputLogEvent;
import software.amazon.awssdk.services.cloudwatchlogs.model.OutputLogEvent;
import software.amazon.awssdk.services.cloudwatchlogs.model.PutLogEventsRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.ResourceNotFoundException;

/** The conformance program in Java: what it asks of the emulator, and how it reports, is told in ../../test_sdks.py. */
final class Conformance {
    private static final String NOVA = "amazon.nova-lite-v1:0";
    private static final String HELLO = "Hello from the rule.";
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final List<String> MESSAGES = List.of("first caf\u00e9", "second \u2615");
    private static final Dimension DIMENSION = Dimension.builder().name("Client").value("java").build();

    private interface Step {
        void make() throws Exception;
    }

    private final Calls calls;

    Conformance(Calls calls) {
        this.calls = calls;
    }

    void run() {
        Map<String, Step> steps = new LinkedHashMap<>();
        steps.put("converse", this::converse);
        steps.put("tool", this::tool);
        if (calls instanceof Calls.WithStreams streaming) {
            steps.put("converse-stream", () -> converseStream(streaming));
            steps.put("stream-error", () -> streamError(streaming));
        }
        steps.put("invoke-model", this::invokeModel);
        steps.put("bedrock-error", this::bedrockError);
        steps.put("logs", this::writeAndReadLogs);
        steps.put("logs-error", this::logsError);
        steps.put("metric", this::writeAndReadMetric);
        steps.put("metric-compressed", this::writeMany);
        steps.put("metric-error", this::metricError);
        steps.put("alarm", this::alarm);
        try {
            for (var step : steps.entrySet()) {
                step.getValue().make();
                System.out.println("ok " + step.getKey());
            }
        } catch (Exception | AssertionError surprise) {
            surprise.printStackTrace();
            System.exit(1);
        }
        // Clients that are still open would keep the process alive for a while.
        System.exit(0);
    }

    private static void expect(Object seen, Object wanted) {
        if (!Objects.equals(seen, wanted)) {
            throw new AssertionError("wanted " + wanted + ", saw " + seen);
        }
    }

    private static <T extends Exception> T expectThrown(Class<T> wanted, Step step) {
        try {
            step.make();
        } catch (Exception error) {
            if (wanted.isInstance(error)) {
                return wanted.cast(error);
            }
            throw new AssertionError("wanted " + wanted + ", saw " + error, error);
        }
        throw new AssertionError("wanted " + wanted + ", saw no exception");
    }

    private static Message user(String text) {
        return Message.builder().role(ConversationRole.USER).content(ContentBlock.fromText(text)).build();
    }

    private static ConverseRequest ask(String model, String text) {
        return ConverseRequest.builder().modelId(model).messages(user(text)).build();
    }

    private static ConverseStreamRequest askStreaming(String text) {
        return ConverseStreamRequest.builder().modelId(NOVA).messages(user(text)).build();
    }

    private void converse() {
        ConverseResponse answer = calls.converse(ask(NOVA, "hello"));
        expect(answer.output().message().content(), List.of(ContentBlock.fromText(HELLO)));
        expect(answer.stopReason(), StopReason.END_TURN);
        expect(List.of(answer.usage().inputTokens(), answer.usage().outputTokens()), List.of(21, 5));
    }

    private void tool() {
        Document city = Document.mapBuilder().putString("type", "string").build();
        Document schema = Document.mapBuilder()
                .putString("type", "object")
                .putMap("properties", map -> map.putDocument("city", city))
                .build();
        ConverseRequest input = ask(NOVA, "weather?").toBuilder()
                .toolConfig(config -> config.tools(
                        tool -> tool.toolSpec(spec -> spec.name("get_weather").inputSchema(form -> form.json(schema)))))
                .build();
        ConverseResponse answer = calls.converse(input);
        ToolUseBlock use = answer.output().message().content().get(0).toolUse();
        expect(use.name(), "get_weather");
        expect(use.input().asMap().get("city").asString(), "Oslo");
        expect(use.input().asMap().get("days").asNumber().intValue(), 3);
        expect(answer.stopReason(), StopReason.TOOL_USE);
    }

    private static List<String> textsOf(List<ConverseStreamOutput> events) {
        return events.stream()
                .filter(event -> event instanceof ContentBlockDeltaEvent)
                .map(event -> ((ContentBlockDeltaEvent) event).delta().text())
                .toList();
    }

    private void converseStream(Calls.WithStreams streaming) {
        List<ConverseStreamOutput> events = new ArrayList<>();
        streaming.stream(askStreaming("hello"), events::add);
        expect(textsOf(events).stream().collect(joining()), HELLO);
        for (ConverseStreamOutput event : events) {
            if (event instanceof MessageStopEvent stop) {
                expect(stop.stopReason(), StopReason.END_TURN);
            }
        }
        expect(events.get(events.size() - 2) instanceof MessageStopEvent, true);
        expect(((ConverseStreamMetadataEvent) events.get(events.size() - 1)).usage().outputTokens(), 5);
    }

    private void streamError(Calls.WithStreams streaming) {
        List<ConverseStreamOutput> events = new ArrayList<>();
        var error = expectThrown(
                ModelStreamErrorException.class, () -> streaming.stream(askStreaming("break off"), events::add));
        expect(error.awsErrorDetails().errorMessage(), "the model stumbled");
        expect(textsOf(events).size(), 2);
    }

    private void invokeModel() {
        InvokeModelRequest input = InvokeModelRequest.builder()
                .modelId("amazon.titan-text-express-v1")
                .body(SdkBytes.fromUtf8String("{\"inputText\":\"hello\"}"))
                .build();
        InvokeModelResponse answer = calls.invoke(input);
        expect(answer.body().asUtf8String().contains("\"outputText\":\"" + HELLO + "\""), true);
        expect(answer.contentType(), "application/json");
    }

    private void bedrockError() {
        var error = expectThrown(ValidationException.class, () -> calls.converse(ask("no.such-model", "hello")));
        expect(error.statusCode(), 400);
    }

    private void writeAndReadLogs() {
        calls.create(CreateLogGroupRequest.builder().logGroupName("conformance").build());
        calls.create(CreateLogStreamRequest.builder().logGroupName("conformance").logStreamName("java").build());
        List<InputLogEvent> events = new ArrayList<>();
        for (String message : MESSAGES) {
            long at = START.toEpochMilli() + events.size();
            events.add(InputLogEvent.builder().timestamp(at).message(message).build());
        }
        calls.put(PutLogEventsRequest.builder()
                .logGroupName("conformance")
                .logStreamName("java")
                .logEvents(events)
                .build());
        List<OutputLogEvent> read = calls.get(GetLogEventsRequest.builder()
                        .logGroupName("conformance")
                        .logStreamName("java")
                        .startFromHead(true)
                        .build())
                .events();
        expect(read.stream().map(OutputLogEvent::message).toList(), MESSAGES);
        expect(read.get(1).timestamp(), START.toEpochMilli() + 1);
        List<FilteredLogEvent> found = calls.filter(FilterLogEventsRequest.builder()
                        .logGroupName("conformance")
                        .filterPattern("second")
                        .build())
                .events();
        expect(found.stream().map(FilteredLogEvent::message).toList(), MESSAGES.subList(1, 2));
    }

    private void logsError() {
        GetLogEventsRequest input =
                GetLogEventsRequest.builder().logGroupName("no-such-group").logStreamName("java").build();
        var error = expectThrown(ResourceNotFoundException.class, () -> calls.get(input));
        expect(error.awsErrorDetails().errorCode(), "ResourceNotFoundException");
    }

    private void writeAndReadMetric() {
        MetricDatum.Builder point = MetricDatum.builder()
                .metricName("Latency")
                .dimensions(DIMENSION)
                .timestamp(START)
                .unit(StandardUnit.MILLISECONDS);
        MetricDatum one = point.value(1.5).build();
        MetricDatum many = point.value(null).values(2.5, 4.0).counts(1.0, 2.0).build();
        calls.put(PutMetricDataRequest.builder().namespace("Conformance").metricData(one, many).build());

        Instant from = START.minus(Duration.ofMinutes(5));
        Instant until = START.plus(Duration.ofMinutes(5));
        List<Datapoint> points = calls.get(GetMetricStatisticsRequest.builder()
                        .namespace("Conformance")
                        .metricName("Latency")
                        .dimensions(DIMENSION)
                        .startTime(from)
                        .endTime(until)
                        .period(60)
                        .statistics(Statistic.SUM, Statistic.SAMPLE_COUNT, Statistic.MAXIMUM)
                        .build())
                .datapoints();
        Datapoint wanted = Datapoint.builder()
                .timestamp(START)
                .sum(12.0)
                .sampleCount(4.0)
                .maximum(4.0)
                .unit(StandardUnit.MILLISECONDS)
                .build();
        expect(points, List.of(wanted));

        Metric metric =
                Metric.builder().namespace("Conformance").metricName("Latency").dimensions(DIMENSION).build();
        List<MetricDataResult> results = calls.get(GetMetricDataRequest.builder()
                        .startTime(from)
                        .endTime(until)
                        .metricDataQueries(query ->
                                query.id("total").metricStat(asked -> asked.metric(metric).period(60).stat("Sum")))
                        .build())
                .metricDataResults();
        expect(results.size(), 1);
        expect(results.get(0).values(), List.of(12.0));
        expect(results.get(0).timestamps(), List.of(START));
    }

    private void writeMany() {
        // So many that the SDK compresses the request.
        int many = 300;
        MetricDatum point = MetricDatum.builder()
                .metricName("Many")
                .dimensions(DIMENSION)
                .timestamp(START)
                .value(1.0)
                .build();
        calls.put(PutMetricDataRequest.builder()
                .namespace("Conformance")
                .metricData(Collections.nCopies(many, point))
                .build());
        List<Datapoint> points = calls.get(GetMetricStatisticsRequest.builder()
                        .namespace("Conformance")
                        .metricName("Many")
                        .dimensions(DIMENSION)
                        .startTime(START)
                        .endTime(START.plus(Duration.ofMinutes(1)))
                        .period(60)
                        .statistics(Statistic.SAMPLE_COUNT)
                        .build())
                .datapoints();
        expect(points.stream().map(Datapoint::sampleCount).toList(), List.of((double) many));
    }

    private void metricError() {
        GetDashboardRequest input = GetDashboardRequest.builder().dashboardName("no-such-dashboard").build();
        var error = expectThrown(DashboardNotFoundErrorException.class, () -> calls.get(input));
        expect(error.statusCode(), 404);
    }

    private List<MetricAlarm> alarms(Consumer<DescribeAlarmsRequest.Builder> asked) {
        return calls.describe(DescribeAlarmsRequest.builder().applyMutation(asked).build()).metricAlarms();
    }

    private void alarm() throws IOException {
        calls.put(PutMetricAlarmRequest.builder()
                .alarmName("slow")
                .namespace("Conformance")
                .metricName("Latency")
                .dimensions(DIMENSION)
                .statistic(Statistic.MAXIMUM)
                .period(60)
                .evaluationPeriods(1)
                .threshold(2.25)
                .comparisonOperator(ComparisonOperator.GREATER_THAN_THRESHOLD)
                .build());
        MetricAlarm set = alarms(asked -> asked.alarmNames("slow")).get(0);
        expect(set.stateValue(), StateValue.INSUFFICIENT_DATA);
        expect(set.threshold(), 2.25);
        expect(set.dimensions(), List.of(DIMENSION));
        System.out.println("time?");
        new BufferedReader(new InputStreamReader(System.in)).readLine();
        List<MetricAlarm> fired = alarms(asked -> asked.stateValue(StateValue.ALARM));
        expect(fired.stream().map(MetricAlarm::alarmName).toList(), List.of("slow"));
        expect(fired.get(0).stateUpdatedTimestamp().isAfter(START), true);
    }
}
