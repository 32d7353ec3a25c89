import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamOutput;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponseHandler;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelResponse;
import software.amazon.awssdk.services.cloudwatch.CloudWatchAsyncClient;
import software.amazon.awssdk.services.cloudwatch.model.DescribeAlarmsRequest;
import software.amazon.awssdk.services.cloudwatch.model.DescribeAlarmsResponse;
import software.amazon.awssdk.services.cloudwatch.model.GetDashboardRequest;
import software.amazon.awssdk.services.cloudwatch.model.GetDashboardResponse;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricDataRequest;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricDataResponse;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricStatisticsRequest;
import software.amazon.awssdk.services.cloudwatch.model.GetMetricStatisticsResponse;
import software.amazon.awssdk.services.cloudwatch.model.PutMetricAlarmRequest;
import software.amazon.awssdk.services.cloudwatch.model.PutMetricDataRequest;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsAsyncClient;
import software.amazon.awssdk.services.cloudwatchlogs.model.CreateLogGroupRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.CreateLogStreamRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.FilterLogEventsRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.FilterLogEventsResponse;
import software.amazon.awssdk.services.cloudwatchlogs.model.GetLogEventsRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.GetLogEventsResponse;
import software.amazon.awssdk.services.cloudwatchlogs.model.PutLogEventsRequest;

public final class Async implements Calls.WithStreams {
    private final BedrockRuntimeAsyncClient runtime = BedrockRuntimeAsyncClient.create();
    private final CloudWatchLogsAsyncClient logs = CloudWatchLogsAsyncClient.create();
    private final CloudWatchAsyncClient metrics = CloudWatchAsyncClient.create();

    public static void main(String[] arguments) {
        new Conformance(new Async()).run();
    }

    @Override
    public ConverseResponse converse(ConverseRequest input) {
        return wait(runtime.converse(input));
    }

    @Override
    public InvokeModelResponse invoke(InvokeModelRequest input) {
        return wait(runtime.invokeModel(input));
    }

    @Override
    public void create(CreateLogGroupRequest input) {
        wait(logs.createLogGroup(input));
    }

    @Override
    public void create(CreateLogStreamRequest input) {
        wait(logs.createLogStream(input));
    }

    @Override
    public void put(PutLogEventsRequest input) {
        wait(logs.putLogEvents(input));
    }

    @Override
    public GetLogEventsResponse get(GetLogEventsRequest input) {
        return wait(logs.getLogEvents(input));
    }

    @Override
    public FilterLogEventsResponse filter(FilterLogEventsRequest input) {
        return wait(logs.filterLogEvents(input));
    }

    @Override
    public void put(PutMetricDataRequest input) {
        wait(metrics.putMetricData(input));
    }

    @Override
    public GetMetricStatisticsResponse get(GetMetricStatisticsRequest input) {
        return wait(metrics.getMetricStatistics(input));
    }

    @Override
    public GetMetricDataResponse get(GetMetricDataRequest input) {
        return wait(metrics.getMetricData(input));
    }

    @Override
    public GetDashboardResponse get(GetDashboardRequest input) {
        return wait(metrics.getDashboard(input));
    }

    @Override
    public void put(PutMetricAlarmRequest input) {
        wait(metrics.putMetricAlarm(input));
    }

    @Override
    public DescribeAlarmsResponse describe(DescribeAlarmsRequest input) {
        return wait(metrics.describeAlarms(input));
    }

    @Override
    public void stream(ConverseStreamRequest input, Consumer<ConverseStreamOutput> each) {
        wait(runtime.converseStream(
                input,
                ConverseStreamResponseHandler.builder()
                        .onEventStream(events -> events.subscribe(each))
                        .build()));
    }

    /** The answer, or the exception that a synchronous client would have thrown. */
    private static <T> T wait(CompletableFuture<T> answer) {
        try {
            return answer.join();
        } catch (CompletionException error) {
            if (error.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw error;
        }
    }
}
