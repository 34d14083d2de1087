package dev.sluice.simulator;

import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a call is answered.
 *
 * @param retryAfter of the header, 0 for none
 */
@SuppressWarnings("ArrayRecordComponent") // written once, straight to the socket
record ApiAnswer(int status, String contentType, byte[] body, int retryAfter) {
    static final JsonMapper JSON = new JsonMapper();
    private static final String JSON_TYPE = "application/json";
    private static final byte[] OK_START = "{\"ok\":true,\"result\":".getBytes(StandardCharsets.US_ASCII);
    static final ApiAnswer TRUE = raw("true".getBytes(StandardCharsets.US_ASCII));

    static ApiAnswer ok(JsonNode result) {
        return raw(JSON.writeValueAsBytes(result));
    }

    /** The result is JSON already. */
    static ApiAnswer raw(byte[] result) {
        byte[] body = new byte[OK_START.length + result.length + 1];
        System.arraycopy(OK_START, 0, body, 0, OK_START.length);
        System.arraycopy(result, 0, body, OK_START.length, result.length);
        body[body.length - 1] = '}';
        return new ApiAnswer(200, JSON_TYPE, body, 0);
    }

    static ApiAnswer json(int status, JsonNode body) {
        return new ApiAnswer(status, JSON_TYPE, JSON.writeValueAsBytes(body), 0);
    }

    static ApiAnswer of(Refusal refusal) {
        if (refusal.isHtml()) {
            String page =
                    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n"
                            + "<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n";
            return new ApiAnswer(refusal.code(), "text/html", page.getBytes(StandardCharsets.US_ASCII), 0);
        }
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("ok", false);
        body.put("error_code", refusal.code());
        body.put("description", refusal.description());
        if (refusal.retryAfter() > 0) {
            body.putObject("parameters").put("retry_after", refusal.retryAfter());
        }
        if (refusal.migrateTo() != 0) {
            body.putObject("parameters").put("migrate_to_chat_id", refusal.migrateTo());
        }
        return new ApiAnswer(refusal.code(), JSON_TYPE, JSON.writeValueAsBytes(body), refusal.retryAfter());
    }
}
