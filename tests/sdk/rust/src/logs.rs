use crate::{Checked, START, expect};
use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::InputLogEvent;

const GROUP: &str = "conformance";
const STREAM: &str = "rust";
const MESSAGES: [&str; 2] = ["first caf\u{e9}", "second \u{2615}"];

pub async fn write_and_read(logs: &Client) -> Checked {
    logs.create_log_group().log_group_name(GROUP).send().await?;
    logs.create_log_stream()
        .log_group_name(GROUP)
        .log_stream_name(STREAM)
        .send()
        .await?;
    let mut put = logs
        .put_log_events()
        .log_group_name(GROUP)
        .log_stream_name(STREAM);
    for (index, message) in (0..).zip(MESSAGES) {
        put = put.log_events(
            InputLogEvent::builder()
                .timestamp(START * 1000 + index)
                .message(message)
                .build()?,
        );
    }
    put.send().await?;
    let read = logs
        .get_log_events()
        .log_group_name(GROUP)
        .log_stream_name(STREAM)
        .start_from_head(true)
        .send()
        .await?;
    let seen: Vec<_> = read
        .events()
        .iter()
        .map(|event| (event.timestamp(), event.message()))
        .collect();
    let wanted: Vec<_> = (0..)
        .zip(MESSAGES)
        .map(|(index, text)| (Some(START * 1000 + index), Some(text)))
        .collect();
    expect(seen, wanted)?;
    let found = logs
        .filter_log_events()
        .log_group_name(GROUP)
        .filter_pattern("second")
        .send()
        .await?;
    let texts: Vec<_> = found.events().iter().map(|event| event.message()).collect();
    expect(texts, vec![Some(MESSAGES[1])])
}

pub async fn error(logs: &Client) -> Checked {
    let refused = logs
        .get_log_events()
        .log_group_name("no-such-group")
        .log_stream_name(STREAM)
        .send()
        .await;
    let error = refused
        .err()
        .ok_or("the group was found")?
        .into_service_error();
    expect(error.is_resource_not_found_exception(), true)
}
