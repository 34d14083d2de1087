package dev.sluice.server.cli;

import dev.sluice.SluiceException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The messages that users have, on a running server. However many users: each is printed or changed as its page comes. */
@Command(
        name = "budget",
        description = "Shows, resets and grants the messages that users have.",
        mixinStandardHelpOptions = true,
        versionProvider = BuildInfo.class)
final class BudgetCommand implements Runnable {
    private static final String ALL = "/v1/budgets?limit=200";
    private static final String USERS = "USER";
    private static final String USERS_ARE = "users' ids, or @FILE, a file that can be read with one a line.";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** Does one thing for a user. */
    @FunctionalInterface
    private interface Step {
        void accept(long user) throws InterruptedException;
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    @Command(
            name = "status",
            description = "Shows what users have used and have left: all of whom anything is counted, or those named.",
            mixinStandardHelpOptions = true)
    int status(
            @Mixin ServerOptions options,
            @Parameters(arity = "0..*", paramLabel = USERS, description = USERS_ARE) @Nullable List<Long> users)
            throws InterruptedException {
        var server = options.server();
        var rows = new Rows(spec.commandLine().getOut(), options.json());
        if (users == null || users.isEmpty()) {
            new Pages(server).each(ALL, "budgets", rows);
        } else {
            each(users, user -> rows.accept(server.get("/v1/budgets/" + user).json()));
        }
        rows.end();
        return SluiceCommand.done();
    }

    @Command(
            name = "reset",
            description = "Forgets what users have used and were granted: their next message begins a new window.",
            mixinStandardHelpOptions = true)
    int reset(
            @Mixin ServerOptions options,
            @Option(names = "--all", description = "All of whom anything is counted.") boolean all,
            @Parameters(arity = "0..*", paramLabel = USERS, description = USERS_ARE) @Nullable List<Long> users)
            throws InterruptedException {
        List<Long> named = users == null ? List.of() : users;
        if (all != named.isEmpty()) {
            throw new ParameterException(spec.subcommands().get("reset"), "name users, or give --all");
        }
        var server = options.server();
        var which = new ArrayList<Long>();
        if (all) {
            new Pages(server)
                    .each(
                            ALL,
                            "budgets",
                            budget -> which.add(budget.path("user").asLong()));
        } else {
            which.addAll(named);
        }
        List<Long> once = which.stream().distinct().toList();
        each(once, user -> server.delete("/v1/budgets/" + user));
        return ServerOptions.said(
                spec.commandLine().getOut(),
                options.json() ? "{\"reset\":" + once.size() + "}" : "reset: " + once.size() + " users");
    }

    @Command(
            name = "grant",
            description = "Grants messages beside the limit, for users' present windows, or the next.",
            mixinStandardHelpOptions = true)
    int grant(
            @Mixin ServerOptions options,
            @Option(names = "--messages", paramLabel = "N", required = true, description = "How many more may pass.")
                    long messages,
            @Parameters(arity = "1..*", paramLabel = USERS, description = USERS_ARE) List<Long> users)
            throws InterruptedException {
        var once = new HashSet<Long>();
        for (Long user : users) {
            if (!once.add(user)) {
                throw new ParameterException(
                        spec.subcommands().get("grant"),
                        "user " + user + " is named twice, and would be granted twice; nothing was granted");
            }
        }
        var server = options.server();
        var body = JsonMapper.shared().createObjectNode().put("messages", messages);
        var rows = new Rows(spec.commandLine().getOut(), options.json());
        each(
                users,
                user -> rows.accept(server.send("POST", "/v1/budgets/" + user + "/grant", body)
                        .json()));
        rows.end();
        return SluiceCommand.done();
    }

    /** In their order, and says how far it came if one of them fails. */
    private static void each(List<Long> users, Step step) throws InterruptedException {
        for (int i = 0; i < users.size(); i++) {
            try {
                step.accept(users.get(i));
            } catch (SluiceException e) {
                throw users.size() == 1
                        ? e
                        : new SluiceException(
                                e.getMessage() + " (user " + users.get(i) + ", after " + i + " of " + users.size()
                                        + " were done)",
                                e);
            }
        }
    }

    /**
     * Prints budgets as they come: a table, or a JSON list. Nothing before the first has come, and the end of a list only when all have: what
     * failed must not look like what is empty or whole.
     */
    private static final class Rows implements Consumer<JsonNode> {
        private final PrintWriter out;
        private final boolean json;
        private boolean begun;

        Rows(PrintWriter out, boolean json) {
            this.out = out;
            this.json = json;
        }

        private void begin() {
            out.println(json ? "[" : row("User ID", "Count", "Limit", "Remaining", "TTL (sec)"));
            begun = true;
        }

        @Override
        public void accept(JsonNode budget) {
            boolean first = !begun;
            if (first) {
                begin();
            }
            if (json) {
                out.print((first ? "" : ",\n") + budget);
            } else {
                out.println(row(
                        budget.path("user").asString(),
                        budget.path("count").asString(),
                        budget.path("limit").asString(),
                        budget.path("remaining").asString(),
                        Long.toString(Math.ceilDiv(budget.path("resets_in_ms").asLong(), 1_000))));
            }
        }

        /** All have come. */
        void end() {
            boolean any = begun;
            if (!any) {
                begin();
            }
            if (json) {
                out.println(any ? "\n]" : "]");
            }
            out.flush();
        }

        /** Most users' ids have ten digits; longer ones move their own line's columns only. */
        private static String row(String user, String count, String limit, String remaining, String ttl) {
            return String.format("%-15s | %5s | %5s | %9s | %9s", user, count, limit, remaining, ttl);
        }
    }
}
