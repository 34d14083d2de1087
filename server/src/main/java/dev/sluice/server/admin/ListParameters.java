package dev.sluice.server.admin;

import dev.sluice.queue.ListFilter;
import dev.sluice.server.admin.Shape.Field;
import dev.sluice.server.admin.Shape.Fields;
import dev.sluice.server.admin.Shape.Text;
import dev.sluice.telegram.ChatId;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/** Which dead letters or unknown messages are meant: in a query for those that are listed, in a body for those that are changed. */
final class ListParameters {
    private static final String CHAT_FORM = "-?[0-9]{1,18}|@[A-Za-z0-9_]{1,63}";
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");
    private static final String TIME = "a time such as 2026-01-02T03:04:05Z, from 1970 to 9999";
    private static final String REASON_FORM = "[a-z0-9_-]{1,32}";

    static final Parameter<Optional<ChatId>> CHAT = optional(
            "chat", Text.matching(CHAT_FORM), "a chat's id or @username", ListParameters::chat, "Only this chat's.");
    static final Parameter<Optional<String>> REASON = optional(
            "reason",
            Text.matching(REASON_FORM),
            "a class of reasons such as refused-403",
            text -> matching(REASON_FORM, text),
            "Only those whose last attempt ended for it.");
    static final Parameter<Optional<Instant>> FROM = optional(
            "from", Text.time(), TIME, ListParameters::time, "Only those that came there at this time or later.");
    static final Parameter<Optional<Instant>> UNTIL =
            optional("until", Text.time(), TIME, ListParameters::time, "Only those that came there before.");

    private static final Field[] FIELDS = {
        Field.optional("chat", CHAT.shape(), CHAT.description()),
        Field.optional("reason", REASON.shape(), REASON.description()),
        Field.optional("from", FROM.shape(), FROM.description()),
        Field.optional("until", UNTIL.shape(), UNTIL.description())
    };

    /** A body that says which are meant; without members all are. */
    static final Shape BODY = Fields.of(FIELDS);

    /** The same with one more member. */
    static Shape bodyWith(Field more) {
        var fields = new ArrayList<Field>();
        fields.add(more);
        fields.addAll(List.of(FIELDS));
        return new Fields(fields);
    }

    private ListParameters() {}

    static ListFilter filter(AdminRequest request) {
        return new ListFilter(request.get(CHAT), request.get(REASON), request.get(FROM), request.get(UNTIL));
    }

    /** The same in a body of the shape {@link #BODY}. @throws Problem.Refusal if a time is none */
    static ListFilter filter(JsonNode body) {
        try {
            return new ListFilter(
                    text(body, "chat").map(ChatId::new),
                    text(body, "reason"),
                    text(body, "from").map(ListParameters::time),
                    text(body, "until").map(ListParameters::time));
        } catch (IllegalArgumentException e) {
            throw Problem.malformed(List.of(new Problem.Violation("", "from and until must each be " + TIME)))
                    .asRefusal();
        }
    }

    private static Optional<String> text(JsonNode body, String name) {
        return body.has(name) ? Optional.of(body.path(name).asString()) : Optional.empty();
    }

    private static <T> Parameter<Optional<T>> optional(
            String name, Shape shape, String accepts, Function<String, T> parser, String description) {
        return Parameter.query(
                name, shape, accepts, text -> Optional.of(parser.apply(text)), Optional.empty(), description);
    }

    private static ChatId chat(String text) {
        return new ChatId(matching(CHAT_FORM, text));
    }

    private static String matching(String form, String text) {
        if (!text.matches(form)) {
            throw new IllegalArgumentException();
        }
        return text;
    }

    private static Instant time(String text) {
        try {
            Instant time = Instant.parse(text);
            if (time.isBefore(Instant.EPOCH) || time.isAfter(LATEST)) {
                throw new IllegalArgumentException(); // what the store counts in has no room for all of Java's times
            }
            return time;
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
