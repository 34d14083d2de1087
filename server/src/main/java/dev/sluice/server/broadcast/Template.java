package dev.sluice.server.broadcast;

import dev.sluice.encryption.Sealer;
import dev.sluice.queue.NewMessage;
import dev.sluice.server.gateway.Submissions;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.Method;
import dev.sluice.telegram.Priority;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The call that a broadcast makes to each of its recipients.
 *
 * @param params what every recipient gets; its own are laid over them
 */
record Template(Method method, ObjectNode params, Priority priority) {
    private static final JsonMapper JSON = JsonMapper.shared();

    /** Whether it asks for the paid lane. */
    boolean isPaid() {
        return params.path("allow_paid_broadcast").asBoolean(false);
    }

    byte[] sealed(Sealer sealer, BotId bot) {
        ObjectNode node = JSON.createObjectNode()
                .put("method", method.name())
                .put("priority", priority.toString())
                .set("params", params);
        return sealer.seal(context(bot), JSON.writeValueAsBytes(node));
    }

    /** The template again; empty if the key is gone. */
    static Optional<Template> open(Sealer sealer, BotId bot, byte[] sealed) {
        return sealer.open(context(bot), sealed).flatMap(Template::read);
    }

    private static Optional<Template> read(byte[] bytes) {
        try {
            JsonNode node = JSON.readTree(bytes);
            return Optional.of(new Template(
                    new Method(node.path("method").asString()),
                    (ObjectNode) node.path("params"),
                    Priority.parse(node.path("priority").asString()).orElseThrow()));
        } catch (JacksonException | ClassCastException e) {
            return Optional.empty();
        }
    }

    /** The message to one recipient. */
    NewMessage to(Recipient recipient, BotId bot, Submissions submissions) {
        ObjectNode merged = params.deepCopy();
        if (recipient.own().length > 0) {
            JSON.readTree(recipient.own()).properties().forEach(own -> merged.set(own.getKey(), own.getValue()));
        }
        merged.put("chat_id", recipient.chat());
        return submissions.ofBroadcast(bot, method, JSON.writeValueAsBytes(merged), priority);
    }

    private static String context(BotId bot) {
        return "broadcast/template/" + bot;
    }

    /** Without what it says. */
    @Override
    public String toString() {
        return "Template[" + method + "]";
    }
}
