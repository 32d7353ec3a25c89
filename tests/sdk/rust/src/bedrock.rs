use crate::{Checked, expect};
use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::error::ProvideErrorMetadata;
use aws_sdk_bedrockruntime::operation::converse::ConverseOutput;
use aws_sdk_bedrockruntime::primitives::Blob;
use aws_sdk_bedrockruntime::types::{
    ContentBlock, ConversationRole, ConverseStreamOutput, Message, StopReason, Tool,
    ToolConfiguration, ToolInputSchema, ToolSpecification,
};
use aws_smithy_types::{Document, Number};
use std::collections::HashMap;

const NOVA: &str = "amazon.nova-lite-v1:0";
const HELLO: &str = "Hello from the rule.";

fn user(text: &str) -> Message {
    let message = Message::builder()
        .role(ConversationRole::User)
        .content(ContentBlock::Text(text.into()));
    message.build().expect("a message has what it needs")
}

fn content(answer: &ConverseOutput) -> Vec<ContentBlock> {
    let message = answer.output().and_then(|output| output.as_message().ok());
    message
        .map(|message| message.content().to_vec())
        .unwrap_or_default()
}

pub async fn converse(runtime: &Client) -> Checked {
    let answer = runtime
        .converse()
        .model_id(NOVA)
        .messages(user("hello"))
        .send()
        .await?;
    expect(content(&answer), vec![ContentBlock::Text(HELLO.into())])?;
    expect(answer.stop_reason(), &StopReason::EndTurn)?;
    let usage = answer.usage().ok_or("no usage")?;
    expect((usage.input_tokens(), usage.output_tokens()), (21, 5))
}

fn object<const N: usize>(members: [(&str, Document); N]) -> Document {
    Document::Object(HashMap::from(
        members.map(|(name, value)| (name.to_owned(), value)),
    ))
}

pub async fn tool(runtime: &Client) -> Checked {
    let city = object([("type", Document::String("string".into()))]);
    let schema = object([
        ("type", Document::String("object".into())),
        ("properties", object([("city", city)])),
    ]);
    let specification = ToolSpecification::builder()
        .name("get_weather")
        .input_schema(ToolInputSchema::Json(schema))
        .build()?;
    let tools = ToolConfiguration::builder()
        .tools(Tool::ToolSpec(specification))
        .build()?;
    let answer = runtime
        .converse()
        .model_id(NOVA)
        .messages(user("weather?"))
        .tool_config(tools)
        .send()
        .await?;
    let blocks = content(&answer);
    let use_of_tool = blocks
        .first()
        .and_then(|block| block.as_tool_use().ok())
        .ok_or("no use of the tool")?;
    expect(use_of_tool.name(), "get_weather")?;
    let wanted = object([
        ("city", Document::String("Oslo".into())),
        ("days", Document::Number(Number::PosInt(3))),
    ]);
    expect(use_of_tool.input(), &wanted)?;
    expect(answer.stop_reason(), &StopReason::ToolUse)
}

pub async fn converse_stream(runtime: &Client) -> Checked {
    let mut answer = runtime
        .converse_stream()
        .model_id(NOVA)
        .messages(user("hello"))
        .send()
        .await?;
    let (mut text, mut stopped, mut tokens) = (String::new(), None, 0);
    while let Some(event) = answer.stream.recv().await? {
        match event {
            ConverseStreamOutput::ContentBlockDelta(delta) => {
                text += delta
                    .delta()
                    .and_then(|delta| delta.as_text().ok())
                    .ok_or("a delta without text")?;
            }
            ConverseStreamOutput::MessageStop(stop) => stopped = Some(stop.stop_reason().clone()),
            ConverseStreamOutput::Metadata(metadata) => {
                tokens = metadata.usage().ok_or("no usage")?.output_tokens();
            }
            _ => {}
        }
    }
    expect(
        (text.as_str(), stopped, tokens),
        (HELLO, Some(StopReason::EndTurn), 5),
    )
}

pub async fn stream_error(runtime: &Client) -> Checked {
    let mut answer = runtime
        .converse_stream()
        .model_id(NOVA)
        .messages(user("break off"))
        .send()
        .await?;
    let mut seen = 0;
    loop {
        match answer.stream.recv().await {
            Ok(Some(event)) => seen += i32::from(event.is_content_block_delta()),
            Ok(None) => return Err("the stream did not break".into()),
            Err(error) => {
                let error = error.into_service_error();
                expect(error.is_model_stream_error_exception(), true)?;
                expect(error.message(), Some("the model stumbled"))?;
                return expect(seen, 2);
            }
        }
    }
}

pub async fn invoke_model(runtime: &Client) -> Checked {
    let body = Blob::new(r#"{"inputText":"hello"}"#);
    let answer = runtime
        .invoke_model()
        .model_id("amazon.titan-text-express-v1")
        .body(body)
        .send()
        .await?;
    let text = std::str::from_utf8(answer.body().as_ref())?;
    expect(text.contains(&format!(r#""outputText":"{HELLO}""#)), true)?;
    expect(answer.content_type(), "application/json")
}

pub async fn error(runtime: &Client) -> Checked {
    let refused = runtime
        .converse()
        .model_id("no.such-model")
        .messages(user("hello"))
        .send()
        .await;
    let error = refused
        .err()
        .ok_or("the model was accepted")?
        .into_service_error();
    expect(error.is_validation_exception(), true)
}
