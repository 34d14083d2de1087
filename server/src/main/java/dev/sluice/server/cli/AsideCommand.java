package dev.sluice.server.cli;

import dev.sluice.SluiceException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;

/** Bundles of a running server that are set aside: they kill whoever handles them, or nobody can read them. */
@Command(
        name = "aside",
        description =
                "Lists, requeues and purges bundles that are handed over no more, since they kill whoever handles them or"
                        + " nobody can read them.",
        mixinStandardHelpOptions = true,
        versionProvider = BuildInfo.class)
final class AsideCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** Some of a bot's, or all. */
    static final class Which {
        @Parameters(index = "0", paramLabel = "BOT", description = "The bot's id.")
        private long bot;

        @Parameters(index = "1..*", paramLabel = "BUNDLE", description = "Ids of bundles, as list shows them.")
        private List<String> bundles = List.of();

        @Option(names = "--all", description = "All of the bot's, the oldest first.")
        private boolean all;
    }

    /** One step for one bundle; {@code path} is that of the bundle. */
    @FunctionalInterface
    private interface Step {
        void take(AdminClient server, String path) throws InterruptedException;
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    @Command(
            name = "list",
            description = "Lists a bot's, the oldest first; never what is said in them.",
            mixinStandardHelpOptions = true)
    int list(@Mixin ServerOptions options, @Parameters(paramLabel = "BOT", description = "The bot's id.") long bot)
            throws InterruptedException {
        ArrayNode bundles = all(options.server(), bot);
        var table = new Table("BUNDLE", "CHAT", "USER", "REASON", "LOST", "FAILURES", "MESSAGES", "SINCE");
        bundles.forEach(bundle -> table.row(List.of(
                bundle.path("id").asString(),
                bundle.path("chat").asString(),
                bundle.path("user").asString(),
                bundle.path("reason").asString(),
                bundle.path("lost").asString(),
                bundle.path("failures").asString(),
                bundle.path("messages").asString(),
                bundle.path("at").asString())));
        return options.shown(spec.commandLine().getOut(), bundles.toString(), table);
    }

    @Command(
            name = "requeue",
            description = "Lets bundles be handed over again, before what waits of the same person.",
            mixinStandardHelpOptions = true)
    int requeue(@Mixin ServerOptions options, @Mixin Which which) throws InterruptedException {
        return change(options, which, "requeue", "requeued", (server, path) -> server.post(path + "/requeue"));
    }

    @Command(name = "purge", description = "Forgets bundles.", mixinStandardHelpOptions = true)
    int purge(@Mixin ServerOptions options, @Mixin Which which) throws InterruptedException {
        return change(options, which, "purge", "purged", AdminClient::delete);
    }

    private static String path(long bot) {
        return "/v1/bundles/" + bot + "/aside";
    }

    private static ArrayNode all(AdminClient server, long bot) throws InterruptedException {
        return new Pages(server).all(path(bot) + "?limit=200", "bundles");
    }

    private int change(ServerOptions options, Which which, String verb, String done, Step step)
            throws InterruptedException {
        if (which.all != which.bundles.isEmpty()) {
            throw new ParameterException(
                    spec.subcommands().get(verb),
                    "name some of the bot's bundles, or say --all; not both, nor neither");
        }
        AdminClient server = options.server();
        List<String> ids = which.all
                ? all(server, which.bot)
                        .valueStream()
                        .map(bundle -> bundle.path("id").asString())
                        .toList()
                : which.bundles;
        int changed = 0;
        for (String id : ids) {
            try {
                step.take(server, path(which.bot) + "/" + Pages.escaped(id));
                changed++;
            } catch (NotThereException e) {
                // Of all, one may have gone since they were listed.
                if (!which.all) {
                    throw broken(changed, done, id, e);
                }
            } catch (SluiceException e) {
                throw broken(changed, done, id, e);
            }
        }
        return ServerOptions.said(
                spec.commandLine().getOut(),
                options.json() ? "{\"changed\":" + changed + "}" : changed + " bundles " + done);
    }

    /** The same, and what has been done by then. */
    private static SluiceException broken(int changed, String done, String id, SluiceException failure) {
        String message = changed + " bundles " + done + ", then " + id + ": " + failure.getMessage();
        return failure instanceof WronglyAskedException
                ? new WronglyAskedException(message)
                : new SluiceException(message, failure);
    }
}
