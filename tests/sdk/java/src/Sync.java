import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelResponse;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
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
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.cloudwatchlogs.model.CreateLogGroupRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.CreateLogStreamRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.FilterLogEventsRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.FilterLogEventsResponse;
import software.amazon.awssdk.services.cloudwatchlogs.model.GetLogEventsRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.GetLogEventsResponse;
import software.amazon.awssdk.services.cloudwatchlogs.model.PutLogEventsRequest;

public final class Sync implements Calls {
    private final BedrockRuntimeClient runtime = BedrockRuntimeClient.create();
    private final CloudWatchLogsClient logs = CloudWatchLogsClient.create();
    private final CloudWatchClient metrics = CloudWatchClient.create();

    public static void main(String[] arguments) {
        new Conformance(new Sync()).run();
    }

    @Override
    public ConverseResponse converse(ConverseRequest input) {
        return runtime.converse(input);
    }

    @Override
    public InvokeModelResponse invoke(InvokeModelRequest input) {
        return runtime.invokeModel(input);
    }

    @Override
    public void create(CreateLogGroupRequest input) {
        logs.createLogGroup(input);
    }

    @Override
    public void create(CreateLogStreamRequest input) {
        logs.createLogStream(input);
    }

    @Override
    public void put(PutLogEventsRequest input) {
        logs.putLogEvents(input);
    }

    @Override
    public GetLogEventsResponse get(GetLogEventsRequest input) {
        return logs.getLogEvents(input);
    }

    @Override
    public FilterLogEventsResponse filter(FilterLogEventsRequest input) {
        return logs.filterLogEvents(input);
    }

    @Override
    public void put(PutMetricDataRequest input) {
        metrics.putMetricData(input);
    }

    @Override
    public GetMetricStatisticsResponse get(GetMetricStatisticsRequest input) {
        return metrics.getMetricStatistics(input);
    }

    @Override
    public GetMetricDataResponse get(GetMetricDataRequest input) {
        return metrics.getMetricData(input);
    }

    @Override
    public GetDashboardResponse get(GetDashboardRequest input) {
        return metrics.getDashboard(input);
    }

    @Override
    public void put(PutMetricAlarmRequest input) {
        metrics.putMetricAlarm(input);
    }

    @Override
    public DescribeAlarmsResponse describe(DescribeAlarmsRequest input) {
        return metrics.describeAlarms(input);
    }
}
