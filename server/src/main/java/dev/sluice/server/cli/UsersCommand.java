package dev.sluice.server.cli;

import dev.sluice.SluiceException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a running server may keep of users. */
@Command(
        name = "users",
        description = "Shows and sets how much may be kept of users, and forgets them.",
        mixinStandardHelpOptions = true,
        versionProvider = BuildInfo.class)
final class UsersCommand implements Runnable {
    private static final String USER = "USER";
    private static final String USER_IS = "The user's id.";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** How much may be kept. */
    enum Level {
        FULL,
        NONE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    @Command(name = "show", description = "Shows how much may be kept of a user.", mixinStandardHelpOptions = true)
    int show(@Mixin ServerOptions options, @Parameters(paramLabel = USER, description = USER_IS) long user)
            throws InterruptedException {
        var answer = options.server().get("/v1/users/" + user);
        var table = new Table(USER, "PRIVACY");
        table.row(List.of(
                answer.json().path("user").asString(),
                answer.json().path("privacy").asString()));
        return options.shown(spec.commandLine().getOut(), answer.text(), table);
    }

    @Command(
            name = "privacy",
            description = "Sets how much may be kept of a user; with none, texts of theirs are purged.",
            mixinStandardHelpOptions = true)
    int privacy(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = USER, description = USER_IS) long user,
            @Parameters(paramLabel = "full|none", description = "none: no text of theirs is kept in Redis.")
                    Level level)
            throws InterruptedException {
        var body = JsonMapper.shared().createObjectNode().put("privacy", level.toString());
        return removed(options, options.server().send("PUT", "/v1/users/" + user, body));
    }

    @Command(
            name = "forget",
            description = "Removes all that is kept of a user, but for their privacy level.",
            mixinStandardHelpOptions = true)
    int forget(@Mixin ServerOptions options, @Parameters(paramLabel = USER, description = USER_IS) long user)
            throws InterruptedException {
        return removed(options, options.server().delete("/v1/users/" + user));
    }

    private int removed(ServerOptions options, AdminClient.Answer answer) {
        var table = new Table("FAMILY", "REMOVED");
        for (Map.Entry<String, JsonNode> family : answer.json().path("removed").properties()) {
            table.row(List.of(family.getKey(), family.getValue().asString()));
        }
        int done = options.shown(spec.commandLine().getOut(), answer.text(), table);
        if (!answer.json().path("complete").asBoolean()) {
            throw new SluiceException("not all could be removed: run it again for what may be left of "
                    + answer.json().path("failed"));
        }
        return done;
    }
}
