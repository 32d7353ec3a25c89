//! The conformance program in Rust: what it asks of the emulator, and how it reports, is told in ../../test_sdks.py.

mod bedrock;
mod logs;
mod metrics;

use aws_smithy_http_client::Builder;
use std::error::Error;
use std::fmt::Debug;

/// Start of the emulator's clock: 2026-01-01T00:00:00Z in seconds.
const START: i64 = 1_767_225_600;

type Checked = Result<(), Box<dyn Error>>;

fn expect<T: PartialEq + Debug>(seen: T, wanted: T) -> Checked {
    if seen == wanted {
        return Ok(());
    }
    Err(format!("wanted {wanted:?}, saw {seen:?}").into())
}

fn ok(step: &str, checked: Checked) -> Checked {
    checked.map_err(|problem| format!("{step}: {problem}"))?;
    println!("ok {step}");
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Checked {
    let config = aws_config::from_env()
        .http_client(Builder::new().build_http())
        .load()
        .await;
    let runtime = aws_sdk_bedrockruntime::Client::new(&config);
    ok("converse", bedrock::converse(&runtime).await)?;
    ok("tool", bedrock::tool(&runtime).await)?;
    ok("converse-stream", bedrock::converse_stream(&runtime).await)?;
    ok("stream-error", bedrock::stream_error(&runtime).await)?;
    ok("invoke-model", bedrock::invoke_model(&runtime).await)?;
    ok("bedrock-error", bedrock::error(&runtime).await)?;
    let logs = aws_sdk_cloudwatchlogs::Client::new(&config);
    ok("logs", logs::write_and_read(&logs).await)?;
    ok("logs-error", logs::error(&logs).await)?;
    let cloudwatch = aws_sdk_cloudwatch::Client::new(&config);
    ok("metric", metrics::write_and_read(&cloudwatch).await)?;
    ok("metric-compressed", metrics::write_many(&cloudwatch).await)?;
    ok("metric-error", metrics::error(&cloudwatch).await)?;
    ok("alarm", metrics::alarm(&cloudwatch).await)
}
