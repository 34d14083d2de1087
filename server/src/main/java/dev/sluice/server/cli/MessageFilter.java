package dev.sluice.server.cli;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Which messages of a list are meant. */
final class MessageFilter {
    @Option(names = "--chat", paramLabel = "CHAT", description = "Only this chat's.")
    private @Nullable String chat;

    @Option(
            names = "--reason",
            paramLabel = "REASON",
            description = "Only those whose last attempt ended for it, such as refused-403.")
    private @Nullable String reason;

    @Option(names = "--from", paramLabel = "TIME", description = "Only those that came there then or later.")
    private @Nullable String from;

    @Option(names = "--until", paramLabel = "TIME", description = "Only those that came there before.")
    private @Nullable String until;

    ObjectNode body() {
        var body = JsonMapper.shared().createObjectNode();
        Optional.ofNullable(chat).ifPresent(value -> body.put("chat", value));
        Optional.ofNullable(reason).ifPresent(value -> body.put("reason", value));
        Optional.ofNullable(from).ifPresent(value -> body.put("from", value));
        Optional.ofNullable(until).ifPresent(value -> body.put("until", value));
        return body;
    }

    String query() {
        var query = new StringBuilder("?limit=200");
        body().properties()
                .forEach(given -> query.append('&')
                        .append(given.getKey())
                        .append('=')
                        .append(Pages.escaped(given.getValue().asString())));
        return query.toString();
    }
}
