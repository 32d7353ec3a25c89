use crate::{Checked, START, expect};
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{
    ComparisonOperator, Dimension, Metric, MetricDataQuery, MetricDatum, MetricStat, StandardUnit,
    StateValue, Statistic,
};

const NAMESPACE: &str = "Conformance";
const LATENCY: &str = "Latency";

fn dimension() -> Dimension {
    Dimension::builder().name("Client").value("rust").build()
}

pub async fn write_and_read(metrics: &Client) -> Checked {
    let start = DateTime::from_secs(START);
    let point = MetricDatum::builder()
        .metric_name(LATENCY)
        .dimensions(dimension())
        .timestamp(start)
        .unit(StandardUnit::Milliseconds);
    let one = point.clone().value(1.5).build();
    let many = point
        .values(2.5)
        .values(4.0)
        .counts(1.0)
        .counts(2.0)
        .build();
    metrics
        .put_metric_data()
        .namespace(NAMESPACE)
        .metric_data(one)
        .metric_data(many)
        .send()
        .await?;

    let (from, until) = (
        DateTime::from_secs(START - 300),
        DateTime::from_secs(START + 300),
    );
    let statistics = metrics
        .get_metric_statistics()
        .namespace(NAMESPACE)
        .metric_name(LATENCY)
        .dimensions(dimension())
        .start_time(from)
        .end_time(until)
        .period(60)
        .statistics(Statistic::Sum)
        .statistics(Statistic::SampleCount)
        .statistics(Statistic::Maximum)
        .send()
        .await?;
    let [seen] = statistics.datapoints() else {
        return Err(format!("not one data point: {:?}", statistics.datapoints()).into());
    };
    expect(
        (seen.sum(), seen.sample_count(), seen.maximum()),
        (Some(12.0), Some(4.0), Some(4.0)),
    )?;
    expect(
        (seen.timestamp(), seen.unit()),
        (Some(&start), Some(&StandardUnit::Milliseconds)),
    )?;

    let metric = Metric::builder()
        .namespace(NAMESPACE)
        .metric_name(LATENCY)
        .dimensions(dimension())
        .build();
    let stat = MetricStat::builder()
        .metric(metric)
        .period(60)
        .stat("Sum")
        .build();
    let query = MetricDataQuery::builder()
        .id("total")
        .metric_stat(stat)
        .build();
    let read = metrics
        .get_metric_data()
        .start_time(from)
        .end_time(until)
        .metric_data_queries(query)
        .send()
        .await?;
    let [result] = read.metric_data_results() else {
        return Err(format!("not one result: {:?}", read.metric_data_results()).into());
    };
    expect(
        (result.values(), result.timestamps()),
        (&[12.0][..], &[start][..]),
    )
}

pub async fn write_many(metrics: &Client) -> Checked {
    // So many that the SDK compresses the request.
    const MANY: usize = 300;
    let (start, until) = (DateTime::from_secs(START), DateTime::from_secs(START + 60));
    let point = MetricDatum::builder()
        .metric_name("Many")
        .dimensions(dimension())
        .timestamp(start)
        .value(1.0)
        .build();
    metrics
        .put_metric_data()
        .namespace(NAMESPACE)
        .set_metric_data(Some(vec![point; MANY]))
        .send()
        .await?;
    let read = metrics
        .get_metric_statistics()
        .namespace(NAMESPACE)
        .metric_name("Many")
        .dimensions(dimension())
        .start_time(start)
        .end_time(until)
        .period(60)
        .statistics(Statistic::SampleCount)
        .send()
        .await?;
    let counts: Vec<_> = read
        .datapoints()
        .iter()
        .map(|point| point.sample_count())
        .collect();
    expect(counts, vec![Some(MANY as f64)])
}

pub async fn error(metrics: &Client) -> Checked {
    let refused = metrics
        .get_dashboard()
        .dashboard_name("no-such-dashboard")
        .send()
        .await;
    let error = refused
        .err()
        .ok_or("the dashboard was found")?
        .into_service_error();
    expect(error.is_dashboard_not_found_error(), true)
}

pub async fn alarm(metrics: &Client) -> Checked {
    metrics
        .put_metric_alarm()
        .alarm_name("slow")
        .namespace(NAMESPACE)
        .metric_name(LATENCY)
        .dimensions(dimension())
        .statistic(Statistic::Maximum)
        .period(60)
        .evaluation_periods(1)
        .threshold(2.25)
        .comparison_operator(ComparisonOperator::GreaterThanThreshold)
        .send()
        .await?;
    let before = metrics.describe_alarms().alarm_names("slow").send().await?;
    let [set] = before.metric_alarms() else {
        return Err(format!("not one alarm: {:?}", before.metric_alarms()).into());
    };
    expect(
        (set.state_value(), set.threshold()),
        (Some(&StateValue::InsufficientData), Some(2.25)),
    )?;
    expect(set.dimensions(), &[dimension()][..])?;

    println!("time?");
    std::io::stdin().read_line(&mut String::new())?;
    let after = metrics
        .describe_alarms()
        .state_value(StateValue::Alarm)
        .send()
        .await?;
    let [fired] = after.metric_alarms() else {
        return Err(format!("not one alarm fired: {:?}", after.metric_alarms()).into());
    };
    expect(fired.alarm_name(), Some("slow"))?;
    expect(
        fired.state_updated_timestamp() > Some(&DateTime::from_secs(START)),
        true,
    )
}
