// The conformance program in JavaScript: what it asks of the emulator, and how it reports, is told in ../test_sdks.py.
import assert from "node:assert/strict";
import { once } from "node:events";
import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
  ModelStreamErrorException,
  ValidationException,
} from "@aws-sdk/client-bedrock-runtime";
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetDashboardCommand,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  ResourceNotFound,
} from "@aws-sdk/client-cloudwatch";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  PutLogEventsCommand,
  ResourceNotFoundException,
} from "@aws-sdk/client-cloudwatch-logs";

const NOVA = "amazon.nova-lite-v1:0";
const START = new Date("2026-01-01T00:00:00Z");
const MESSAGES = ["first caf\u00e9", "second \u2615"];
const DIMENSIONS = [{ Name: "Client", Value: "javascript" }];
const MANY = 300; // so many that the SDK compresses the request
const MINUTES = 60_000;

// No handler, no option: what the SDK does by itself is what is tested.
const runtime = new BedrockRuntimeClient();
const logs = new CloudWatchLogsClient();
const cloudwatch = new CloudWatchClient();

const user = (text) => [{ role: "user", content: [{ text }] }];

async function converse() {
  const answer = await runtime.send(new ConverseCommand({ modelId: NOVA, messages: user("hello") }));
  assert.deepEqual(answer.output.message.content, [{ text: "Hello from the rule." }]);
  assert.equal(answer.stopReason, "end_turn");
  assert.deepEqual([answer.usage.inputTokens, answer.usage.outputTokens], [21, 5]);
}

async function tool() {
  const schema = { type: "object", properties: { city: { type: "string" } } };
  const toolConfig = { tools: [{ toolSpec: { name: "get_weather", inputSchema: { json: schema } } }] };
  const answer = await runtime.send(new ConverseCommand({ modelId: NOVA, messages: user("weather?"), toolConfig }));
  const [use] = answer.output.message.content.filter((block) => block.toolUse).map((block) => block.toolUse);
  assert.deepEqual([use.name, use.input], ["get_weather", { city: "Oslo", days: 3 }]);
  assert.equal(answer.stopReason, "tool_use");
}

async function converseStream() {
  const { stream } = await runtime.send(new ConverseStreamCommand({ modelId: NOVA, messages: user("hello") }));
  let text = "";
  let stopReason, usage;
  for await (const event of stream) {
    text += event.contentBlockDelta?.delta.text ?? "";
    stopReason = event.messageStop?.stopReason ?? stopReason;
    usage = event.metadata?.usage ?? usage;
  }
  assert.deepEqual([text, stopReason, usage.outputTokens], ["Hello from the rule.", "end_turn", 5]);
}

async function streamError() {
  const { stream } = await runtime.send(new ConverseStreamCommand({ modelId: NOVA, messages: user("break off") }));
  let seen = 0;
  await assert.rejects(
    async () => {
      for await (const event of stream) seen += event.contentBlockDelta ? 1 : 0;
    },
    (error) => error instanceof ModelStreamErrorException && error.message === "the model stumbled",
  );
  assert.equal(seen, 2);
}

async function invokeModel() {
  const body = JSON.stringify({ inputText: "hello" });
  const answer = await runtime.send(new InvokeModelCommand({ modelId: "amazon.titan-text-express-v1", body }));
  assert.equal(JSON.parse(answer.body.transformToString()).results[0].outputText, "Hello from the rule.");
  assert.equal(answer.contentType, "application/json");
}

async function bedrockError() {
  await assert.rejects(
    runtime.send(new ConverseCommand({ modelId: "no.such-model", messages: user("hello") })),
    (error) => error instanceof ValidationException && error.$metadata.httpStatusCode === 400,
  );
}

async function writeAndReadLogs() {
  const logGroupName = "conformance";
  const logStreamName = "javascript";
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
  const logEvents = MESSAGES.map((message, index) => ({ timestamp: START.getTime() + index, message }));
  await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
  const { events } = await logs.send(new GetLogEventsCommand({ logGroupName, logStreamName, startFromHead: true }));
  assert.deepEqual(
    events.map(({ timestamp, message }) => ({ timestamp, message })),
    logEvents,
  );
  const found = await logs.send(new FilterLogEventsCommand({ logGroupName, filterPattern: "second" }));
  assert.deepEqual(
    found.events.map((event) => event.message),
    MESSAGES.slice(1),
  );
}

async function logsError() {
  const input = { logGroupName: "no-such-group", logStreamName: "javascript" };
  await assert.rejects(logs.send(new GetLogEventsCommand(input)), ResourceNotFoundException);
}

async function writeAndReadMetric() {
  const metric = { Namespace: "Conformance", MetricName: "Latency", Dimensions: DIMENSIONS };
  const point = { MetricName: "Latency", Dimensions: DIMENSIONS, Timestamp: START, Unit: "Milliseconds" };
  const data = [
    { ...point, Value: 1.5 },
    { ...point, Values: [2.5, 4], Counts: [1, 2] },
  ];
  await cloudwatch.send(new PutMetricDataCommand({ Namespace: "Conformance", MetricData: data }));
  const window = {
    StartTime: new Date(START.getTime() - 5 * MINUTES),
    EndTime: new Date(START.getTime() + 5 * MINUTES),
  };
  const statistics = await cloudwatch.send(
    new GetMetricStatisticsCommand({ ...metric, ...window, Period: 60, Statistics: ["Sum", "SampleCount", "Maximum"] }),
  );
  assert.deepEqual(statistics.Datapoints, [
    { Timestamp: START, Sum: 12, SampleCount: 4, Maximum: 4, Unit: "Milliseconds" },
  ]);
  const MetricDataQueries = [{ Id: "total", MetricStat: { Metric: metric, Period: 60, Stat: "Sum" } }];
  const { MetricDataResults } = await cloudwatch.send(new GetMetricDataCommand({ ...window, MetricDataQueries }));
  assert.deepEqual(
    MetricDataResults.map(({ Id, Timestamps, Values }) => ({ Id, Timestamps, Values })),
    [{ Id: "total", Timestamps: [START], Values: [12] }],
  );
}

async function writeMany() {
  const point = { MetricName: "Many", Dimensions: DIMENSIONS, Timestamp: START, Value: 1 };
  await cloudwatch.send(
    new PutMetricDataCommand({ Namespace: "Conformance", MetricData: Array.from({ length: MANY }, () => point) }),
  );
  const { Datapoints } = await cloudwatch.send(
    new GetMetricStatisticsCommand({
      Namespace: "Conformance",
      MetricName: "Many",
      Dimensions: DIMENSIONS,
      StartTime: START,
      EndTime: new Date(START.getTime() + MINUTES),
      Period: 60,
      Statistics: ["SampleCount"],
    }),
  );
  assert.deepEqual(
    Datapoints.map((point) => point.SampleCount),
    [MANY],
  );
}

async function metricError() {
  // By the query protocol's name of a DashboardNotFoundError, which this SDK prefers, that is another class.
  await assert.rejects(
    cloudwatch.send(new GetDashboardCommand({ DashboardName: "no-such-dashboard" })),
    (error) => error instanceof ResourceNotFound && error.$metadata.httpStatusCode === 404,
  );
}

async function alarm() {
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName: "slow",
      Namespace: "Conformance",
      MetricName: "Latency",
      Dimensions: DIMENSIONS,
      Statistic: "Maximum",
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 2.25,
      ComparisonOperator: "GreaterThanThreshold",
    }),
  );
  const before = await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames: ["slow"] }));
  const [set] = before.MetricAlarms;
  assert.deepEqual([set.StateValue, set.Threshold, set.Dimensions], ["INSUFFICIENT_DATA", 2.25, DIMENSIONS]);
  console.log("time?");
  await once(process.stdin, "data");
  process.stdin.destroy();
  const after = await cloudwatch.send(new DescribeAlarmsCommand({ StateValue: "ALARM" }));
  assert.deepEqual(
    after.MetricAlarms.map((fired) => [fired.AlarmName, fired.StateUpdatedTimestamp > START]),
    [["slow", true]],
  );
}

/** Calls whose connection is reset the first time. */
async function triedAgain() {
  const input = { modelId: NOVA, messages: user("hello") };
  const plain = await runtime.send(new ConverseCommand(input));
  assert.equal(plain.$metadata.attempts, 2);
  const streamed = await runtime.send(new ConverseStreamCommand(input));
  assert.equal(streamed.$metadata.attempts, 2);
}

const ordinary = {
  converse,
  tool,
  "converse-stream": converseStream,
  "stream-error": streamError,
  "invoke-model": invokeModel,
  "bedrock-error": bedrockError,
  logs: writeAndReadLogs,
  "logs-error": logsError,
  metric: writeAndReadMetric,
  "metric-compressed": writeMany,
  "metric-error": metricError,
  alarm,
};
const steps = process.argv[2] === "resets" ? { "tried-again": triedAgain } : ordinary;
for (const [name, step] of Object.entries(steps)) {
  await step();
  console.log("ok", name);
}
