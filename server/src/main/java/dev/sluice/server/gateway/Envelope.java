package dev.sluice.server.gateway;

import java.time.Duration;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** An error in the Bot API's form: {@code ok}, {@code error_code}, {@code description}, and what else is known. */
final class Envelope {
    static final JsonMapper JSON = JsonMapper.builder().build();

    private final ObjectNode root = JSON.createObjectNode();

    private Envelope() {}

    static Envelope error(int status, String description) {
        var envelope = new Envelope();
        envelope.root.put("ok", false).put("error_code", status).put("description", description);
        return envelope;
    }

    /** What every client library understands as "not before then". */
    Envelope retryAfter(Duration delay) {
        root.putObject("parameters").put("retry_after", Answer.wholeSeconds(delay));
        return this;
    }

    /** What only callers that know Sluice look at. */
    Envelope sluice(String field, String value) {
        root.withObject("/sluice").put(field, value);
        return this;
    }

    byte[] bytes() {
        return JSON.writeValueAsBytes(root);
    }
}
