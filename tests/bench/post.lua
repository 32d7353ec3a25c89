-- One Converse call of about 900 bytes, as an SDK sends it; prints one line of figures at the end.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/bedrock/aws4_request, "
    .. "SignedHeaders=host;x-amz-date, Signature=fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024"
wrk.headers["X-Amz-Date"] = "20260101T000000Z"
wrk.body = '{"messages":[{"role":"user","content":[{"text":"' .. string.rep("Explain how alarms work. ", 20)
    .. '"}]}],"system":[{"text":"You are a helpful assistant."}],"inferenceConfig":{"maxTokens":512,"temperature":0.5}}'

done = function(summary, latency, requests)
    local errors = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
    io.write(string.format("FIGURES %.0f %d %d %d\n", summary.requests / (summary.duration / 1e6),
        latency:percentile(50), latency:percentile(99), errors + summary.errors.status))
end
