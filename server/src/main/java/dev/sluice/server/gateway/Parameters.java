package dev.sluice.server.gateway;

import dev.sluice.idempotency.CanonicalParameters;
import dev.sluice.idempotency.Fingerprint;
import dev.sluice.server.bots.PriorityRule;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Method;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;

/**
 * A call's parameters, merged from wherever they were, as far as the guards need them. Of two of one name the first counts,
 * as on Telegram's server. Not thread-safe.
 */
final class Parameters {
    /** Structures that a form carries as text. Others stay text: two messages that differ in a blank are two messages. */
    private static final Set<String> STRUCTURES = Set.of(
            "reply_markup",
            "entities",
            "caption_entities",
            "reply_parameters",
            "link_preview_options",
            "media",
            "message_ids",
            "options",
            "question_entities",
            "explanation_entities",
            "correct_option_ids",
            "prices",
            "suggested_tip_amounts",
            "suggested_post_parameters",
            "checklist",
            "text_entities");

    private static final Set<String> TRUE = Set.of("true", "yes", "1");
    private static final Pattern INTEGER = Pattern.compile("\\s*(-?)0*([0-9]{1,18})(?![0-9]).*", Pattern.DOTALL);
    private static final Pattern USERNAME = Pattern.compile("\\s*(@[A-Za-z0-9_]{1,63})\\s*");

    /** Telegram refuses longer batches, so a longer one cannot cost more. */
    private static final int LONGEST_BATCH = 100;

    private final Map<String, Object> values = new HashMap<>();
    private final Map<String, Fingerprint> files = new HashMap<>();

    /** @param value as {@link CanonicalParameters#value} takes it */
    void add(String name, Object value) {
        values.putIfAbsent(name, value);
    }

    void addFile(String name, Fingerprint content) {
        files.putIfAbsent(name, content);
    }

    /**
     * The chat, if the call names one that Telegram could understand. Its server reads the leading digits and ignores what
     * follows, so {@code 042x} is the chat 42, and must not be another bucket than {@code 42}.
     */
    Optional<ChatId> chat() {
        String text = text("chat_id");
        Matcher username = USERNAME.matcher(text);
        if (username.matches()) {
            return Optional.of(new ChatId(username.group(1)));
        }
        Matcher number = INTEGER.matcher(text);
        if (!number.matches()) {
            return Optional.empty();
        }
        long id = Long.parseLong(number.group(1) + number.group(2));
        return id == 0 ? Optional.empty() : Optional.of(ChatId.of(id));
    }

    /** What the call spends of the limits: an album its length, a batch its messages, else 1. */
    int cost(Method method) {
        return switch (method.canonical()) {
            case "sendmediagroup" -> length("media");
            case "copymessages", "forwardmessages" -> length("message_ids");
            default -> 1;
        };
    }

    boolean isPaid() {
        return isTrue("allow_paid_broadcast");
    }

    private boolean isTrue(String name) {
        return TRUE.contains(text(name).strip().toLowerCase(Locale.ROOT));
    }

    /** Whether it answers a message, for which somebody is waiting. */
    boolean isReply() {
        return !text("reply_parameters").isBlank()
                || !text("reply_to_message_id").isBlank();
    }

    /**
     * What rules about priorities ask.
     *
     * @param reply whether it counts as {@link #isReply}
     */
    PriorityRule.Traits traits(Method method, boolean reply, boolean skipsLimits) {
        return new PriorityRule.Traits(method, reply, isTrue("disable_notification"), skipsLimits, chat());
    }

    Fingerprint fingerprint() {
        var canonical = new CanonicalParameters();
        values.forEach((name, value) -> canonical.value(name, STRUCTURES.contains(name) ? structure(value) : value));
        files.forEach(canonical::file);
        return canonical.fingerprint();
    }

    /** Of all parameters, files included. */
    Set<String> names() {
        var names = new TreeSet<>(values.keySet());
        names.addAll(files.keySet());
        return names;
    }

    /** As it was added; for names that are no files. */
    Object value(String name) {
        return values.getOrDefault(name, "");
    }

    String text(String name) {
        Object value = values.get(name);
        return value == null ? "" : value.toString();
    }

    private int length(String name) {
        Object value = values.get(name);
        return value != null && structure(value) instanceof List<?> list
                ? Math.clamp(list.size(), 1, LONGEST_BATCH)
                : 1;
    }

    private static Object structure(Object value) {
        if (value instanceof String text && (text.startsWith("[") || text.startsWith("{"))) {
            try {
                return ParameterReader.STRUCTURED.readValue(text, Object.class);
            } catch (JacksonException e) {
                return text; // Telegram will say what is wrong with it
            }
        }
        return value;
    }
}
