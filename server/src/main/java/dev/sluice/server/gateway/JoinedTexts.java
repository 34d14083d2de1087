package dev.sluice.server.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.delivery.OutboundCall;
import dev.sluice.idempotency.CanonicalParameters;
import dev.sluice.queue.Joint;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/**
 * Short texts that may be sent as one message, each on a line of its own: plain ones, without formatting, keyboard or reply, which
 * differ in nothing but their text. Joined they say the same, only that they share one message id.
 */
final class JoinedTexts {
    /** Longer texts meet Telegram's limits sooner, and are no chatter. */
    static final int SHORT = 500;

    private static final String TEXT = "text";

    /** Whatever else a call has to say, it says for its own text alone. */
    private static final Set<String> SAME = Set.of(
            "chat_id",
            TEXT,
            "message_thread_id",
            "business_connection_id",
            "direct_messages_topic_id",
            "disable_notification",
            "protect_content",
            "disable_web_page_preview",
            "link_preview_options",
            "allow_paid_broadcast",
            "method"); // which a library repeats in the body

    private JoinedTexts() {}

    /**
     * What the call may be joined with, if anything.
     *
     * @param test whether it goes to Telegram's test environment
     */
    static Optional<Joint> of(OutboundCall call, Parameters parameters, boolean test) {
        String text = parameters.text(TEXT);
        if (!call.method().canonical().equals("sendmessage")
                || call.chat().isEmpty()
                || text.isBlank()
                || text.length() > SHORT
                || !SAME.containsAll(parameters.names())) {
            return Optional.empty();
        }
        var kind = new CanonicalParameters();
        kind.value("test", Boolean.toString(test));
        parameters.names().stream()
                .filter(name -> !name.equals(TEXT) && !name.equals("method"))
                .forEach(name -> kind.value(name, parameters.text(name)));
        return Optional.of(new Joint(kind.fingerprint().hex().substring(0, 32), text.length()));
    }

    /** One call that says what all of them say. */
    static StoredCall join(StoredCall first, List<StoredCall> others) {
        Parameters parameters = first.parameters();
        String text = parameters.text(TEXT) + "\n"
                + others.stream().map(call -> call.parameters().text(TEXT)).collect(Collectors.joining("\n"));
        ObjectNode body = Envelope.JSON.createObjectNode();
        parameters.names().stream()
                .filter(name -> !name.equals(TEXT))
                .forEach(name -> body.set(name, Envelope.JSON.valueToTree(parameters.value(name))));
        body.put(TEXT, text);
        return new StoredCall(
                first.method(),
                first.test(),
                "",
                Optional.of("application/json"),
                first.chat(),
                first.token(),
                body.toString().getBytes(UTF_8));
    }
}
