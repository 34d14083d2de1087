package dev.sluice.server.gateway;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Reads a call's parameters in Telegram's order: the query string, then the body. */
final class ParameterReader {
    /** Fractions keep their digits: a fingerprint must not depend on how a double prints. */
    static final JsonMapper STRUCTURED = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private ParameterReader() {}

    /**
     * @param text the body, where its kind is urlencoded or JSON
     * @throws Refusal if the body is not what its content type says
     */
    static Parameters read(String query, BodyKind kind, Buffer text) {
        var parameters = new Parameters();
        FormText.read(query, parameters::add);
        switch (kind) {
            case URLENCODED -> FormText.read(text.toString(StandardCharsets.ISO_8859_1), parameters::add);
            case JSON -> readJson(text.getBytes(), parameters);
            case MULTIPART, OPAQUE -> {} // decoded while it arrived; not looked into by Telegram either
        }
        return parameters;
    }

    private static void readJson(byte[] body, Parameters parameters) {
        if (body.length == 0) {
            return;
        }
        try (JsonParser parser = STRUCTURED.createParser(body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw Refusal.badRequest("JSON object expected");
            }
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                switch (parser.nextToken()) {
                    case VALUE_STRING -> parameters.add(name, parser.getString());
                    case VALUE_NULL -> {} // what a client has not set
                    case START_OBJECT, START_ARRAY -> parameters.add(name, parser.readValueAs(Object.class));
                    case null, default ->
                        parameters.add(name, parser.getString()); // a number or boolean counts as its text
                }
            }
            if (parser.nextToken() != null) {
                throw Refusal.badRequest("can't parse JSON object: unexpected data after its end");
            }
        } catch (JacksonException e) {
            // the parser's own message may quote the text
            long at = e.getLocation() == null ? 0 : Math.max(0, e.getLocation().getByteOffset());
            throw Refusal.badRequest("can't parse JSON object: syntax error near byte " + at);
        }
    }
}
