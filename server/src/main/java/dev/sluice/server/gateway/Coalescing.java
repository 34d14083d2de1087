package dev.sluice.server.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.delivery.OutboundCall;
import dev.sluice.idempotency.Fingerprint;
import dev.sluice.queue.Relation;
import dev.sluice.queue.Replacement;
import java.time.Duration;
import java.util.Optional;

/**
 * What need not be sent, or not for itself: since something newer says more, since it comes too late, or since others say it with it.
 *
 * <p>An edit says all that it edits: what it leaves out is taken away, the keyboard above all. So a newer edit makes an older one
 * superfluous if it edits no less: a text its text and its keyboard, but a keyboard no text.
 *
 * @param relation which message it changes, and what of it; or what it may be sent together with
 * @param lifetime how long it is worth sending
 */
record Coalescing(Optional<Relation> relation, Optional<Duration> lifetime) {
    static final Coalescing NONE = new Coalescing(Optional.empty(), Optional.empty());

    private static final int TEXT = 1;
    private static final int MEDIA = 2;
    private static final int CAPTION = 4;
    private static final int KEYBOARD = 8;
    private static final int LOCATION = 16;
    private static final int LIVE_PERIOD = 32;
    private static final int CHECKLIST = 64;

    /** A draft shows what is being written, and the message follows it. */
    private static final Duration DRAFT = Duration.ofSeconds(5);

    private static final int DIGEST = 32;

    /**
     * @param test whether it goes to Telegram's test environment
     * @param joins whether its bot's short texts may be joined
     */
    static Coalescing of(OutboundCall call, Parameters parameters, boolean test, boolean joins) {
        if (joins && call.method().canonical().equals("sendmessage")) {
            return new Coalescing(JoinedTexts.of(call, parameters, test).map(Relation.class::cast), Optional.empty());
        }
        if (call.method().canonical().equals("sendmessagedraft")) {
            return new Coalescing(
                    target(call, parameters, "draft_id", test).map(draft -> new Replacement(draft, TEXT)),
                    Optional.of(DRAFT));
        }
        int parts = parts(call, parameters);
        return parts == 0
                ? NONE
                : new Coalescing(
                        target(call, parameters, "message_id", test).map(message -> new Replacement(message, parts)),
                        Optional.empty());
    }

    private static int parts(OutboundCall call, Parameters parameters) {
        return switch (call.method().canonical()) {
            case "editmessagetext" -> TEXT | KEYBOARD;
            case "editmessagecaption" -> CAPTION | KEYBOARD;
            case "editmessagemedia" -> TEXT | MEDIA | CAPTION | KEYBOARD;
            case "editmessagereplymarkup" -> KEYBOARD;
            case "editmessagechecklist" -> CHECKLIST | KEYBOARD;
            // Left out, the period stays as it is.
            case "editmessagelivelocation" ->
                LOCATION | KEYBOARD | (parameters.text("live_period").isBlank() ? 0 : LIVE_PERIOD);
            default -> 0; // forum topics keep what an edit leaves out
        };
    }

    /** A digest of what is changed; empty if it is not said. */
    private static Optional<String> target(OutboundCall call, Parameters parameters, String id, boolean test) {
        String inline = parameters.text("inline_message_id").strip();
        String number = parameters.text(id).strip();
        if (inline.isEmpty() && (call.chat().isEmpty() || number.isEmpty())) {
            return Optional.empty();
        }
        String named = String.join(
                "\0",
                id,
                inline,
                call.chat().map(Object::toString).orElse(""),
                number,
                parameters.text("business_connection_id").strip(),
                parameters.text("message_thread_id").strip(),
                Boolean.toString(test));
        return Optional.of(Fingerprint.of(named.getBytes(UTF_8)).hex().substring(0, DIGEST));
    }
}
