import java.util.function.Consumer;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseRequest;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamOutput;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelRequest;
import software.amazon.awssdk.services.bedrockruntime.model.InvokeModelResponse;
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
import software.amazon.awssdk.services.cloudwatchlogs.model.CreateLogGroupRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.CreateLogStreamRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.FilterLogEventsRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.FilterLogEventsResponse;
import software.amazon.awssdk.services.cloudwatchlogs.model.GetLogEventsRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.GetLogEventsResponse;
import software.amazon.awssdk.services.cloudwatchlogs.model.PutLogEventsRequest;

/** The calls of the conformance program, as the synchronous or the asynchronous clients make them. */
interface Calls {
    ConverseResponse converse(ConverseRequest input);

    InvokeModelResponse invoke(InvokeModelRequest input);

    void create(CreateLogGroupRequest input);

    void create(CreateLogStreamRequest input);

    void put(PutLogEventsRequest input);

    GetLogEventsResponse get(GetLogEventsRequest input);

    FilterLogEventsResponse filter(FilterLogEventsRequest input);

    void put(PutMetricDataRequest input);

    GetMetricStatisticsResponse get(GetMetricStatisticsRequest input);

    GetMetricDataResponse get(GetMetricDataRequest input);

    GetDashboardResponse get(GetDashboardRequest input);

    void put(PutMetricAlarmRequest input);

    DescribeAlarmsResponse describe(DescribeAlarmsRequest input);

    /** Streams are the asynchronous client's alone. */
    interface WithStreams extends Calls {
        void stream(ConverseStreamRequest input, Consumer<ConverseStreamOutput> each);
    }
}
