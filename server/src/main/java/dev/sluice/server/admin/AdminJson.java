package dev.sluice.server.admin;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** How the admin API reads and writes JSON. */
final class AdminJson {
    /** A member that is there twice is read differently by everybody. */
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private AdminJson() {}

    static String write(Object value) {
        return JSON.writeValueAsString(value) + "\n";
    }

    /** @throws Problem.Refusal if it is no JSON; tells where, and nothing of what is there */
    static JsonNode read(byte[] bytes) {
        try {
            JsonNode node = JSON.readTree(bytes);
            if (node == null || node.isMissingNode()) {
                throw Problem.of(ProblemKind.MALFORMED, "the body is empty").asRefusal();
            }
            return node;
        } catch (JacksonException e) {
            TokenStreamLocation at = e.getLocation();
            var where = at == null || at.getLineNr() < 1
                    ? ""
                    : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
            throw Problem.of(ProblemKind.MALFORMED, "the body is not JSON, or has a member twice" + where)
                    .asRefusal();
        }
    }
}
