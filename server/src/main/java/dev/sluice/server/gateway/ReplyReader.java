package dev.sluice.server.gateway;

import dev.sluice.delivery.Reply;
import dev.sluice.telegram.ChatId;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads what the guards need out of Telegram's answer, in one pass and without keeping it. What is not a JSON object becomes an
 * envelope: with its own status if that was an error's, else 502, since nobody knows who answered.
 */
final class ReplyReader {
    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,8}");

    private Optional<Duration> retryAfter = Optional.empty();
    private Optional<ChatId> migrateTo = Optional.empty();
    private Optional<ChatId> chat = Optional.empty();

    private ReplyReader() {}

    static Reply read(Tried.Heard heard) {
        return new ReplyReader().reply(heard);
    }

    /** The envelope for an answer that is none. */
    static Reply notJson(int status) {
        int shown = status >= 400 ? status : 502;
        return Reply.of(
                shown,
                Envelope.error(shown, "Bad Gateway: the upstream answered " + status + " without JSON")
                        .bytes());
    }

    private Reply reply(Tried.Heard heard) {
        try (JsonParser json = Envelope.JSON.createParser(heard.body())) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return notJson(heard.status());
            }
            while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = json.currentName();
                JsonToken value = json.nextToken();
                switch (name) {
                    case "parameters" -> readParameters(json, value);
                    case "result" -> readResult(json, value);
                    default -> json.skipChildren();
                }
            }
        } catch (JacksonException e) {
            return notJson(heard.status());
        }
        if (retryAfter.isEmpty() && heard.status() == 429) {
            retryAfter = heard.retryAfter()
                    .filter(SECONDS.asMatchPredicate())
                    .map(s -> Duration.ofSeconds(Long.parseLong(s)));
        }
        return new Reply(heard.status(), heard.body(), retryAfter, migrateTo, chat);
    }

    private void readParameters(JsonParser json, JsonToken value) {
        if (value != JsonToken.START_OBJECT) {
            json.skipChildren();
            return;
        }
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = json.currentName();
            boolean number = json.nextToken() == JsonToken.VALUE_NUMBER_INT;
            if (number && name.equals("retry_after")) {
                retryAfter = Optional.of(Duration.ofSeconds(Math.clamp(json.getLongValue(), 0, 99_999_999)));
            } else if (number && name.equals("migrate_to_chat_id")) {
                migrateTo = Optional.of(ChatId.of(json.getLongValue()));
            } else {
                json.skipChildren();
            }
        }
    }

    /** A message, or the messages of an album, which are all in one chat. */
    private void readResult(JsonParser json, JsonToken value) {
        if (value == JsonToken.START_OBJECT) {
            readMessage(json);
        } else if (value == JsonToken.START_ARRAY) {
            while (json.nextToken() == JsonToken.START_OBJECT) {
                readMessage(json);
            }
            while (json.currentToken() != null && json.currentToken() != JsonToken.END_ARRAY) {
                json.skipChildren(); // an array of something else
                json.nextToken();
            }
        }
    }

    private void readMessage(JsonParser json) {
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            boolean isChat = json.currentName().equals("chat");
            if (json.nextToken() == JsonToken.START_OBJECT && isChat) {
                readChat(json);
            } else {
                json.skipChildren();
            }
        }
    }

    private void readChat(JsonParser json) {
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            boolean isId = json.currentName().equals("id");
            if (json.nextToken() == JsonToken.VALUE_NUMBER_INT && isId) {
                chat = Optional.of(ChatId.of(json.getLongValue()));
            } else {
                json.skipChildren();
            }
        }
    }
}
