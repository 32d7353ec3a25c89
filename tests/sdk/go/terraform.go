package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrock"
	bedtypes "github.com/aws/aws-sdk-go-v2/service/bedrock/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// The calls that Terraform's AWS provider makes for each kind of resource over its life: create, read, a change of
// values, a change of tags, destroy, and a read that finds it gone. After each change it reads, and what it reads must
// be what it wrote: anything else is a difference that Terraform would report for ever.
var terraform = []step{
	{"provider", provider},
	{"aws_cloudwatch_log_group", logGroupResource},
	{"aws_sns_topic", topicResource},
	{"aws_cloudwatch_metric_alarm", alarmResource},
	{"aws_bedrock_model_invocation_logging_configuration", invocationLoggingResource},
}

type tags map[string]string

const account = "000000000000"

func provider(ctx context.Context, cfg aws.Config) error {
	who, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return err
	}
	return errors.Join(expect(*who.Account, account), expect(strings.HasPrefix(*who.Arn, "arn:aws:"), true))
}

// readLogGroup is how the provider finds a group: among those whose names begin alike. Nil when there is none.
func readLogGroup(ctx context.Context, logs *cloudwatchlogs.Client, name string) (*logtypes.LogGroup, error) {
	pages := cloudwatchlogs.NewDescribeLogGroupsPaginator(
		logs, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String(name)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, group := range page.LogGroups {
			if *group.LogGroupName == name {
				return &group, nil
			}
		}
	}
	return nil, nil
}

func expectLogGroup(ctx context.Context, logs *cloudwatchlogs.Client, name string, days *int32, wanted tags) error {
	group, err := readLogGroup(ctx, logs, name)
	if err != nil || group == nil {
		return fmt.Errorf("no group: %w", err)
	}
	arn := strings.TrimSuffix(*group.Arn, ":*")
	listed, err := logs.ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: &arn})
	if err != nil {
		return err
	}
	return errors.Join(
		expect(arn, "arn:aws:logs:us-east-1:"+account+":log-group:"+name),
		expect(group.LogGroupClass, logtypes.LogGroupClassStandard),
		expect(group.RetentionInDays, days),
		expect(group.KmsKeyId, (*string)(nil)),
		expect(tags(listed.Tags), wanted),
	)
}

func logGroupResource(ctx context.Context, cfg aws.Config) error {
	logs := cloudwatchlogs.NewFromConfig(cfg)
	name := aws.String("/app/bedrock")
	arn := aws.String("arn:aws:logs:us-east-1:" + account + ":log-group:" + *name)
	_, err := logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{
		LogGroupName: name, Tags: tags{"team": "search", "stage": "test"},
	})
	// Its name begins alike: reading must not take it for the other.
	_, otherError := logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("/app/bedrock-2")})
	_, retentionError := logs.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{
		LogGroupName: name, RetentionInDays: aws.Int32(14),
	})
	if err := errors.Join(err, otherError, retentionError); err != nil {
		return err
	}
	if err := expectLogGroup(ctx, logs, *name, aws.Int32(14), tags{"team": "search", "stage": "test"}); err != nil {
		return err
	}
	_, untagError := logs.UntagResource(ctx, &cloudwatchlogs.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"stage"}})
	_, tagError := logs.TagResource(ctx, &cloudwatchlogs.TagResourceInput{ResourceArn: arn, Tags: tags{"team": "ads"}})
	_, foreverError := logs.DeleteRetentionPolicy(ctx, &cloudwatchlogs.DeleteRetentionPolicyInput{LogGroupName: name})
	if err := errors.Join(untagError, tagError, foreverError); err != nil {
		return err
	}
	if err := expectLogGroup(ctx, logs, *name, nil, tags{"team": "ads"}); err != nil {
		return err
	}
	if _, err := logs.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: name}); err != nil {
		return err
	}
	gone, err := readLogGroup(ctx, logs, *name)
	_, again := logs.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: name})
	var missing *logtypes.ResourceNotFoundException
	return errors.Join(err, expect(gone, (*logtypes.LogGroup)(nil)), expect(errors.As(again, &missing), true))
}

// A policy as a person writes it, and with the principal that the provider looks at.
const topicPolicy = `{"Version":"2012-10-17","Statement":[{"Sid":"alarms","Effect":"Allow",` +
	`"Principal":{"Service":"cloudwatch.amazonaws.com"},"Action":"sns:Publish","Resource":"*"}]}`

func expectTopic(ctx context.Context, topics *sns.Client, arn string, set map[string]string, wanted tags) error {
	read, err := topics.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: &arn})
	if err != nil {
		return err
	}
	listed, err := topics.ListTagsForResource(ctx, &sns.ListTagsForResourceInput{ResourceArn: &arn})
	if err != nil {
		return err
	}
	seen := tags{}
	for _, tag := range listed.Tags {
		seen[*tag.Key] = *tag.Value
	}
	problems := []error{
		expect(read.Attributes["TopicArn"], arn), expect(read.Attributes["Owner"], account), expect(seen, wanted),
		expect(json.Valid([]byte(read.Attributes["Policy"])), true),
	}
	for name, value := range set {
		problems = append(problems, expect(read.Attributes[name], value))
	}
	return errors.Join(problems...)
}

func topicResource(ctx context.Context, cfg aws.Config) error {
	topics := sns.NewFromConfig(cfg)
	made, err := topics.CreateTopic(ctx, &sns.CreateTopicInput{
		Name: aws.String("oncall"), Tags: []snstypes.Tag{{Key: aws.String("team"), Value: aws.String("search")}},
	})
	if err != nil {
		return err
	}
	arn := made.TopicArn
	set := map[string]string{"DisplayName": "On call", "Policy": topicPolicy}
	for name, value := range set {
		if _, err := topics.SetTopicAttributes(ctx, &sns.SetTopicAttributesInput{
			TopicArn: arn, AttributeName: aws.String(name), AttributeValue: aws.String(value),
		}); err != nil {
			return err
		}
	}
	if err := expectTopic(ctx, topics, *arn, set, tags{"team": "search"}); err != nil {
		return err
	}
	_, untagError := topics.UntagResource(ctx, &sns.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"team"}})
	_, tagError := topics.TagResource(ctx, &sns.TagResourceInput{
		ResourceArn: arn, Tags: []snstypes.Tag{{Key: aws.String("stage"), Value: aws.String("test")}},
	})
	_, setError := topics.SetTopicAttributes(ctx, &sns.SetTopicAttributesInput{
		TopicArn: arn, AttributeName: aws.String("DisplayName"), AttributeValue: aws.String("Nobody"),
	})
	if err := errors.Join(untagError, tagError, setError); err != nil {
		return err
	}
	if err := expectTopic(ctx, topics, *arn, map[string]string{"DisplayName": "Nobody"}, tags{"stage": "test"}); err != nil {
		return err
	}
	if _, err := topics.DeleteTopic(ctx, &sns.DeleteTopicInput{TopicArn: arn}); err != nil {
		return err
	}
	_, err = topics.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: arn})
	var missing *snstypes.NotFoundException
	return expect(errors.As(err, &missing), true)
}

// readAlarm is nil when there is no such alarm.
func readAlarm(ctx context.Context, metrics *cloudwatch.Client, name *string) (*cwtypes.MetricAlarm, error) {
	found, err := metrics.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{
		AlarmNames: []string{*name}, AlarmTypes: []cwtypes.AlarmType{cwtypes.AlarmTypeMetricAlarm},
	})
	if err != nil || len(found.MetricAlarms) == 0 {
		return nil, err
	}
	return &found.MetricAlarms[0], nil
}

func expectAlarm(ctx context.Context, metrics *cloudwatch.Client, put *cloudwatch.PutMetricAlarmInput, wanted tags) error {
	seen, err := readAlarm(ctx, metrics, put.AlarmName)
	if err != nil || seen == nil {
		return fmt.Errorf("no alarm: %w", err)
	}
	listed, err := metrics.ListTagsForResource(ctx, &cloudwatch.ListTagsForResourceInput{ResourceARN: seen.AlarmArn})
	if err != nil {
		return err
	}
	kept := tags{}
	for _, tag := range listed.Tags {
		kept[*tag.Key] = *tag.Value
	}
	return errors.Join(
		expect(*seen.AlarmArn, "arn:aws:cloudwatch:us-east-1:"+account+":alarm:"+*put.AlarmName),
		expect(seen.ActionsEnabled, put.ActionsEnabled),
		expect(seen.AlarmActions, put.AlarmActions),
		expect(len(seen.OKActions)+len(seen.InsufficientDataActions), 0),
		expect(seen.AlarmDescription, put.AlarmDescription),
		expect(seen.ComparisonOperator, put.ComparisonOperator),
		expect(seen.DatapointsToAlarm, put.DatapointsToAlarm),
		expect(seen.Dimensions, put.Dimensions),
		expect(seen.EvaluateLowSampleCountPercentile, put.EvaluateLowSampleCountPercentile),
		expect(seen.EvaluationPeriods, put.EvaluationPeriods),
		expect(seen.ExtendedStatistic, put.ExtendedStatistic),
		expect(seen.MetricName, put.MetricName),
		expect(seen.Namespace, put.Namespace),
		expect(seen.Period, put.Period),
		expect(seen.Statistic, put.Statistic),
		expect(seen.Threshold, put.Threshold),
		expect(seen.TreatMissingData, put.TreatMissingData),
		expect(seen.Unit, put.Unit),
		expect(kept, wanted),
	)
}

func alarmResource(ctx context.Context, cfg aws.Config) error {
	metrics := cloudwatch.NewFromConfig(cfg)
	put := &cloudwatch.PutMetricAlarmInput{
		AlarmName:          aws.String("bedrock-latency"),
		AlarmDescription:   aws.String("slow answers"),
		ActionsEnabled:     aws.Bool(true),
		AlarmActions:       []string{"arn:aws:sns:us-east-1:" + account + ":oncall"},
		ComparisonOperator: cwtypes.ComparisonOperatorGreaterThanThreshold,
		EvaluationPeriods:  aws.Int32(3),
		DatapointsToAlarm:  aws.Int32(2),
		Namespace:          aws.String("AWS/Bedrock"),
		MetricName:         aws.String("InvocationLatency"),
		Dimensions:         []cwtypes.Dimension{{Name: aws.String("ModelId"), Value: aws.String("amazon.nova-lite-v1:0")}},
		Period:             aws.Int32(300),
		ExtendedStatistic:  aws.String("p99"),
		// A percentile's own setting, which the provider passes when it is given.
		EvaluateLowSampleCountPercentile: aws.String("ignore"),
		Threshold:                        aws.Float64(2500.5),
		TreatMissingData:                 aws.String("missing"),
		Tags:                             []cwtypes.Tag{{Key: aws.String("team"), Value: aws.String("search")}},
	}
	existing, err := readAlarm(ctx, metrics, put.AlarmName)
	if err != nil || existing != nil {
		return fmt.Errorf("before it was made: %v, %w", existing, err)
	}
	if _, err := metrics.PutMetricAlarm(ctx, put); err != nil {
		return err
	}
	if err := expectAlarm(ctx, metrics, put, tags{"team": "search"}); err != nil {
		return err
	}
	put.ExtendedStatistic, put.EvaluateLowSampleCountPercentile = nil, nil
	put.Statistic, put.Threshold, put.TreatMissingData = cwtypes.StatisticAverage, aws.Float64(0), aws.String("notBreaching")
	put.ActionsEnabled, put.AlarmActions, put.Unit = aws.Bool(false), nil, cwtypes.StandardUnitMilliseconds
	put.Tags = nil
	arn := aws.String("arn:aws:cloudwatch:us-east-1:" + account + ":alarm:" + *put.AlarmName)
	_, putError := metrics.PutMetricAlarm(ctx, put)
	_, untagError := metrics.UntagResource(ctx, &cloudwatch.UntagResourceInput{ResourceARN: arn, TagKeys: []string{"team"}})
	_, tagError := metrics.TagResource(ctx, &cloudwatch.TagResourceInput{
		ResourceARN: arn, Tags: []cwtypes.Tag{{Key: aws.String("stage"), Value: aws.String("test")}},
	})
	if err := errors.Join(putError, untagError, tagError); err != nil {
		return err
	}
	put.AlarmActions = []string{}
	if err := expectAlarm(ctx, metrics, put, tags{"stage": "test"}); err != nil {
		return err
	}
	if _, err := metrics.DeleteAlarms(ctx, &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{*put.AlarmName}}); err != nil {
		return err
	}
	gone, err := readAlarm(ctx, metrics, put.AlarmName)
	return errors.Join(err, expect(gone, (*cwtypes.MetricAlarm)(nil)))
}

func expectInvocationLogging(ctx context.Context, control *bedrock.Client, wanted *bedtypes.LoggingConfig) error {
	read, err := control.GetModelInvocationLoggingConfiguration(ctx, &bedrock.GetModelInvocationLoggingConfigurationInput{})
	if err != nil {
		return err
	}
	return expect(read.LoggingConfig, wanted)
}

func invocationLoggingResource(ctx context.Context, cfg aws.Config) error {
	control, logs := bedrock.NewFromConfig(cfg), cloudwatchlogs.NewFromConfig(cfg)
	group := aws.String("/bedrock/invocations")
	if _, err := logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: group}); err != nil {
		return err
	}
	logging := &bedtypes.LoggingConfig{
		TextDataDeliveryEnabled:      aws.Bool(true),
		ImageDataDeliveryEnabled:     aws.Bool(false),
		EmbeddingDataDeliveryEnabled: aws.Bool(true),
		VideoDataDeliveryEnabled:     aws.Bool(true),
		AudioDataDeliveryEnabled:     aws.Bool(true),
		CloudWatchConfig: &bedtypes.CloudWatchConfig{
			LogGroupName: group, RoleArn: aws.String("arn:aws:iam::" + account + ":role/bedrock-logs"),
		},
	}
	for _, images := range []bool{false, true} {
		logging.ImageDataDeliveryEnabled = &images
		if _, err := control.PutModelInvocationLoggingConfiguration(
			ctx, &bedrock.PutModelInvocationLoggingConfigurationInput{LoggingConfig: logging},
		); err != nil {
			return err
		}
		if err := expectInvocationLogging(ctx, control, logging); err != nil {
			return err
		}
	}
	if _, err := control.DeleteModelInvocationLoggingConfiguration(
		ctx, &bedrock.DeleteModelInvocationLoggingConfigurationInput{},
	); err != nil {
		return err
	}
	return expectInvocationLogging(ctx, control, nil)
}
