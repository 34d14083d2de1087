package dev.sluice.server.bots;

import dev.sluice.telegram.BotId;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A record as it lies in Redis. */
final class BotRecordJson {
    private static final JsonMapper JSON = JsonMapper.shared();

    private BotRecordJson() {}

    static byte[] write(BotRecord record) {
        ObjectNode json = JSON.createObjectNode()
                .put("bot", record.bot().value())
                .put("username", record.username())
                .put("token", Base64.getEncoder().encodeToString(record.sealedToken()))
                .put("added", record.added().toString())
                .put("token_since", record.tokenSince().toString());
        RulesJson.write(json, record.rules());
        return JSON.writeValueAsBytes(json);
    }

    /** @throws IllegalArgumentException if it is none; the message repeats nothing of it */
    static BotRecord read(byte[] bytes) {
        try {
            JsonNode json = JSON.readTree(bytes);
            return new BotRecord(
                    new BotId(json.path("bot").asLong(0)),
                    json.path("username").asString(""),
                    Base64.getDecoder().decode(json.path("token").asString("")),
                    RulesJson.patched(OwnRules.NONE, json),
                    Instant.parse(json.path("added").asString("")),
                    Instant.parse(json.path("token_since").asString("")));
        } catch (JacksonException e) {
            throw new IllegalArgumentException("not JSON", e);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("a time is missing or malformed", e);
        }
    }
}
