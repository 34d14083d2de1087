package dev.sluice.server.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.sluice.delivery.Reply;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Whose texts an answer of Telegram has besides what was sent: of messages that were replied to, pinned or forwarded. */
public final class QuotedUsers {
    /** Members of a message that hold another one, or tell whose it is; without any, nobody is quoted. */
    private static final List<String> QUOTING =
            List.of("reply_to_message", "external_reply", "pinned_message", "forward_origin", "forward_from");

    /** Members that are users: whoever wrote it. */
    private static final Set<String> AUTHORS = Set.of("from", "sender_user", "forward_from");

    private QuotedUsers() {}

    /** Their ids. */
    public static Set<Long> of(Reply reply) {
        return mayQuote(reply) ? in(reply) : Set.of();
    }

    /** Most answers quote nobody, and need not be parsed for that. */
    private static boolean mayQuote(Reply reply) {
        String body = new String(reply.body(), ISO_8859_1);
        return QUOTING.stream().anyMatch(name -> body.contains('"' + name + '"'));
    }

    private static Set<Long> in(Reply reply) {
        var users = new LinkedHashSet<Long>();
        try {
            JsonNode result = JsonMapper.shared().readTree(reply.body()).path("result");
            for (JsonNode message : result.isArray() ? result : Arrays.asList(result)) {
                QUOTING.forEach(name ->
                        Optional.ofNullable(message.get(name)).ifPresent(quoted -> collect(name, quoted, users)));
            }
        } catch (JacksonException e) {
            return Set.of(); // Nothing that Telegram says; nobody's text, then.
        }
        return users;
    }

    private static void collect(String name, JsonNode node, Set<Long> users) {
        if (AUTHORS.contains(name)
                && node.path("id").isIntegralNumber()
                && node.path("id").asLong() > 0) {
            users.add(node.path("id").asLong());
        }
        node.properties().forEach(member -> collect(member.getKey(), member.getValue(), users));
        if (node.isArray()) {
            node.forEach(element -> collect("", element, users));
        }
    }
}
