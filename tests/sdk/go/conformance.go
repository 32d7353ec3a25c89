package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/document"
	brtypes "github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

var conformance = []step{
	{"converse", converse},
	{"tool", tool},
	{"converse-stream", converseStream},
	{"stream-error", streamError},
	{"invoke-model", invokeModel},
	{"bedrock-error", bedrockError},
	{"logs", writeAndReadLogs},
	{"logs-error", logsError},
	{"metric", writeAndReadMetric},
	{"metric-compressed", writeMany},
	{"metric-error", metricError},
	{"alarm", alarm},
}

const helloText = "Hello from the rule."

var (
	nova       = aws.String("amazon.nova-lite-v1:0")
	start      = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	messages   = []string{"first café", "second ☕"}
	dimensions = []cwtypes.Dimension{{Name: aws.String("Client"), Value: aws.String("go")}}
)

func user(text string) []brtypes.Message {
	content := []brtypes.ContentBlock{&brtypes.ContentBlockMemberText{Value: text}}
	return []brtypes.Message{{Role: brtypes.ConversationRoleUser, Content: content}}
}

// contentOf is the one block of an answer.
func contentOf(answer *bedrockruntime.ConverseOutput) (brtypes.ContentBlock, error) {
	message, ok := answer.Output.(*brtypes.ConverseOutputMemberMessage)
	if !ok || len(message.Value.Content) != 1 {
		return nil, fmt.Errorf("not one block of content: %#v", answer.Output)
	}
	return message.Value.Content[0], nil
}

func converse(ctx context.Context, cfg aws.Config) error {
	input := &bedrockruntime.ConverseInput{ModelId: nova, Messages: user("hello")}
	answer, err := bedrockruntime.NewFromConfig(cfg).Converse(ctx, input)
	if err != nil {
		return err
	}
	block, err := contentOf(answer)
	if err != nil {
		return err
	}
	return errors.Join(
		expect(block, &brtypes.ContentBlockMemberText{Value: helloText}),
		expect(answer.StopReason, brtypes.StopReasonEndTurn),
		expect([]int32{*answer.Usage.InputTokens, *answer.Usage.OutputTokens}, []int32{21, 5}),
	)
}

func tool(ctx context.Context, cfg aws.Config) error {
	schema := map[string]any{"type": "object", "properties": map[string]any{"city": map[string]any{"type": "string"}}}
	spec := brtypes.ToolSpecification{
		Name:        aws.String("get_weather"),
		InputSchema: &brtypes.ToolInputSchemaMemberJson{Value: document.NewLazyDocument(schema)},
	}
	answer, err := bedrockruntime.NewFromConfig(cfg).Converse(ctx, &bedrockruntime.ConverseInput{
		ModelId:    nova,
		Messages:   user("weather?"),
		ToolConfig: &brtypes.ToolConfiguration{Tools: []brtypes.Tool{&brtypes.ToolMemberToolSpec{Value: spec}}},
	})
	if err != nil {
		return err
	}
	block, err := contentOf(answer)
	if err != nil {
		return err
	}
	use, ok := block.(*brtypes.ContentBlockMemberToolUse)
	if !ok {
		return fmt.Errorf("not a use of a tool: %#v", block)
	}
	var seen struct {
		City string `document:"city"`
		Days int    `document:"days"`
	}
	if err := use.Value.Input.UnmarshalSmithyDocument(&seen); err != nil {
		return err
	}
	return errors.Join(
		expect(*use.Value.Name, "get_weather"),
		expect([]any{seen.City, seen.Days}, []any{"Oslo", 3}),
		expect(answer.StopReason, brtypes.StopReasonToolUse),
	)
}

func converseStream(ctx context.Context, cfg aws.Config) error {
	input := &bedrockruntime.ConverseStreamInput{ModelId: nova, Messages: user("hello")}
	answer, err := bedrockruntime.NewFromConfig(cfg).ConverseStream(ctx, input)
	if err != nil {
		return err
	}
	stream := answer.GetStream()
	defer stream.Close()
	text, stopped, tokens := "", brtypes.StopReason(""), int32(0)
	for event := range stream.Events() {
		switch each := event.(type) {
		case *brtypes.ConverseStreamOutputMemberContentBlockDelta:
			text += each.Value.Delta.(*brtypes.ContentBlockDeltaMemberText).Value
		case *brtypes.ConverseStreamOutputMemberMessageStop:
			stopped = each.Value.StopReason
		case *brtypes.ConverseStreamOutputMemberMetadata:
			tokens = *each.Value.Usage.OutputTokens
		}
	}
	return errors.Join(
		stream.Err(),
		expect(text, helloText),
		expect(stopped, brtypes.StopReasonEndTurn),
		expect(tokens, int32(5)),
	)
}

func streamError(ctx context.Context, cfg aws.Config) error {
	input := &bedrockruntime.ConverseStreamInput{ModelId: nova, Messages: user("break off")}
	answer, err := bedrockruntime.NewFromConfig(cfg).ConverseStream(ctx, input)
	if err != nil {
		return err
	}
	stream := answer.GetStream()
	defer stream.Close()
	seen := 0
	for event := range stream.Events() {
		if _, ok := event.(*brtypes.ConverseStreamOutputMemberContentBlockDelta); ok {
			seen++
		}
	}
	var stumbled *brtypes.ModelStreamErrorException
	if !errors.As(stream.Err(), &stumbled) {
		return fmt.Errorf("no ModelStreamErrorException: %w", stream.Err())
	}
	return errors.Join(expect(seen, 2), expect(stumbled.ErrorMessage(), "the model stumbled"))
}

func invokeModel(ctx context.Context, cfg aws.Config) error {
	answer, err := bedrockruntime.NewFromConfig(cfg).InvokeModel(ctx, &bedrockruntime.InvokeModelInput{
		ModelId: aws.String("amazon.titan-text-express-v1"),
		Body:    []byte(`{"inputText":"hello"}`),
	})
	if err != nil {
		return err
	}
	var body struct{ Results []struct{ OutputText string } }
	if err := json.Unmarshal(answer.Body, &body); err != nil {
		return err
	}
	return errors.Join(
		expect(body.Results[0].OutputText, helloText),
		expect(*answer.ContentType, "application/json"),
	)
}

func bedrockError(ctx context.Context, cfg aws.Config) error {
	input := &bedrockruntime.ConverseInput{ModelId: aws.String("no.such-model"), Messages: user("hello")}
	_, err := bedrockruntime.NewFromConfig(cfg).Converse(ctx, input)
	var invalid *brtypes.ValidationException
	if !errors.As(err, &invalid) {
		return fmt.Errorf("no ValidationException: %w", err)
	}
	return nil
}

func writeAndReadLogs(ctx context.Context, cfg aws.Config) error {
	logs := cloudwatchlogs.NewFromConfig(cfg)
	group, stream := aws.String("conformance"), aws.String("go")
	_, groupError := logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: group})
	_, streamError := logs.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: stream})
	var events []logtypes.InputLogEvent
	for index, message := range messages {
		at := start.UnixMilli() + int64(index)
		events = append(events, logtypes.InputLogEvent{Timestamp: aws.Int64(at), Message: aws.String(message)})
	}
	_, putError := logs.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{
		LogGroupName: group, LogStreamName: stream, LogEvents: events,
	})
	read, readError := logs.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{
		LogGroupName: group, LogStreamName: stream, StartFromHead: aws.Bool(true),
	})
	found, findError := logs.FilterLogEvents(ctx, &cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: group, FilterPattern: aws.String("second"),
	})
	if err := errors.Join(groupError, streamError, putError, readError, findError); err != nil {
		return err
	}
	if len(read.Events) != 2 || len(found.Events) != 1 {
		return fmt.Errorf("read %d, found %d", len(read.Events), len(found.Events))
	}
	return errors.Join(
		expect([]string{*read.Events[0].Message, *read.Events[1].Message}, messages),
		expect(*read.Events[1].Timestamp, start.UnixMilli()+1),
		expect(*found.Events[0].Message, messages[1]),
	)
}

func logsError(ctx context.Context, cfg aws.Config) error {
	_, err := cloudwatchlogs.NewFromConfig(cfg).GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{
		LogGroupName: aws.String("no-such-group"), LogStreamName: aws.String("go"),
	})
	var missing *logtypes.ResourceNotFoundException
	if !errors.As(err, &missing) {
		return fmt.Errorf("no ResourceNotFoundException: %w", err)
	}
	return nil
}

func writeAndReadMetric(ctx context.Context, cfg aws.Config) error {
	metrics := cloudwatch.NewFromConfig(cfg)
	namespace, name := aws.String("Conformance"), aws.String("Latency")
	one := cwtypes.MetricDatum{
		MetricName: name, Dimensions: dimensions, Timestamp: &start, Unit: cwtypes.StandardUnitMilliseconds,
	}
	many := one
	one.Value = aws.Float64(1.5)
	many.Values, many.Counts = []float64{2.5, 4}, []float64{1, 2}
	_, putError := metrics.PutMetricData(ctx, &cloudwatch.PutMetricDataInput{
		Namespace: namespace, MetricData: []cwtypes.MetricDatum{one, many},
	})
	from, until := start.Add(-5*time.Minute), start.Add(5*time.Minute)
	statistics, statisticsError := metrics.GetMetricStatistics(ctx, &cloudwatch.GetMetricStatisticsInput{
		Namespace: namespace, MetricName: name, Dimensions: dimensions,
		StartTime: &from, EndTime: &until, Period: aws.Int32(60),
		Statistics: []cwtypes.Statistic{cwtypes.StatisticSum, cwtypes.StatisticSampleCount, cwtypes.StatisticMaximum},
	})
	metric := &cwtypes.Metric{Namespace: namespace, MetricName: name, Dimensions: dimensions}
	data, dataError := metrics.GetMetricData(ctx, &cloudwatch.GetMetricDataInput{
		StartTime: &from, EndTime: &until,
		MetricDataQueries: []cwtypes.MetricDataQuery{{
			Id: aws.String("total"), MetricStat: &cwtypes.MetricStat{Metric: metric, Period: aws.Int32(60), Stat: aws.String("Sum")},
		}},
	})
	if err := errors.Join(putError, statisticsError, dataError); err != nil {
		return err
	}
	if len(statistics.Datapoints) != 1 || len(data.MetricDataResults) != 1 {
		return fmt.Errorf("saw %d data points, %d results", len(statistics.Datapoints), len(data.MetricDataResults))
	}
	point, result := statistics.Datapoints[0], data.MetricDataResults[0]
	return errors.Join(
		expect(point.Timestamp.UTC(), start),
		expect([]float64{*point.Sum, *point.SampleCount, *point.Maximum}, []float64{12, 4, 4}),
		expect(point.Unit, cwtypes.StandardUnitMilliseconds),
		expect(result.Values, []float64{12}),
		expect(result.Timestamps[0].UTC(), start),
	)
}

func writeMany(ctx context.Context, cfg aws.Config) error {
	const many = 300 // so many that the SDK compresses the request
	metrics := cloudwatch.NewFromConfig(cfg)
	namespace, name := aws.String("Conformance"), aws.String("Many")
	var data []cwtypes.MetricDatum
	for range many {
		data = append(data, cwtypes.MetricDatum{
			MetricName: name, Dimensions: dimensions, Timestamp: &start, Value: aws.Float64(1),
		})
	}
	if _, err := metrics.PutMetricData(
		ctx, &cloudwatch.PutMetricDataInput{Namespace: namespace, MetricData: data},
	); err != nil {
		return err
	}
	until := start.Add(time.Minute)
	read, err := metrics.GetMetricStatistics(ctx, &cloudwatch.GetMetricStatisticsInput{
		Namespace: namespace, MetricName: name, Dimensions: dimensions, StartTime: &start, EndTime: &until,
		Period: aws.Int32(60), Statistics: []cwtypes.Statistic{cwtypes.StatisticSampleCount},
	})
	if err != nil || len(read.Datapoints) != 1 {
		return fmt.Errorf("not one data point: %v, %w", read, err)
	}
	return expect(*read.Datapoints[0].SampleCount, float64(many))
}

func metricError(ctx context.Context, cfg aws.Config) error {
	input := &cloudwatch.GetDashboardInput{DashboardName: aws.String("no-such-dashboard")}
	_, err := cloudwatch.NewFromConfig(cfg).GetDashboard(ctx, input)
	var missing *cwtypes.DashboardNotFoundError
	if !errors.As(err, &missing) {
		return fmt.Errorf("no DashboardNotFoundError: %w", err)
	}
	return nil
}

func alarm(ctx context.Context, cfg aws.Config) error {
	metrics := cloudwatch.NewFromConfig(cfg)
	_, putError := metrics.PutMetricAlarm(ctx, &cloudwatch.PutMetricAlarmInput{
		AlarmName: aws.String("slow"), Namespace: aws.String("Conformance"), MetricName: aws.String("Latency"),
		Dimensions: dimensions, Statistic: cwtypes.StatisticMaximum, Period: aws.Int32(60), EvaluationPeriods: aws.Int32(1),
		Threshold: aws.Float64(2.25), ComparisonOperator: cwtypes.ComparisonOperatorGreaterThanThreshold,
	})
	before, beforeError := metrics.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{"slow"}})
	if err := errors.Join(putError, beforeError); err != nil {
		return err
	}
	if len(before.MetricAlarms) != 1 {
		return fmt.Errorf("%d alarms are set", len(before.MetricAlarms))
	}
	set := before.MetricAlarms[0]
	if err := errors.Join(
		expect(set.StateValue, cwtypes.StateValueInsufficientData), expect(*set.Threshold, 2.25),
	); err != nil {
		return err
	}
	fmt.Println("time?")
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		return err
	}
	after, err := metrics.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{StateValue: cwtypes.StateValueAlarm})
	if err != nil {
		return err
	}
	if len(after.MetricAlarms) != 1 {
		return fmt.Errorf("%d alarms fired", len(after.MetricAlarms))
	}
	fired := after.MetricAlarms[0]
	return errors.Join(expect(*fired.AlarmName, "slow"), expect(fired.StateUpdatedTimestamp.After(start), true))
}
