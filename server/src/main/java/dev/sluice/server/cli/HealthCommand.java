package dev.sluice.server.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** Asks a running server how it is; done means that it takes calls, even if it is degraded. */
@Command(
        name = "health",
        description = "Shows how a running server is; exit code 0 if it takes calls.",
        mixinStandardHelpOptions = true,
        versionProvider = BuildInfo.class)
final class HealthCommand implements Callable<Integer> {
    private static final List<String> FIELDS =
            List.of("name", "status", "backend", "version", "ping_ms", "survives_restart");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ServerOptions options = new ServerOptions();

    @Override
    public Integer call() throws InterruptedException {
        var answer = options.server().get("/health");
        var out = spec.commandLine().getOut();
        if (options.json()) {
            out.println(answer.text().strip());
        } else {
            print(answer.json(), out);
        }
        out.flush();
        var status = answer.json().path("status").asString("");
        return status.equals("ok") || status.equals("degraded") ? SluiceCommand.done() : SluiceCommand.failed();
    }

    private static void print(JsonNode health, PrintWriter out) {
        out.printf(
                "Sluice %s is %s%n%n",
                health.path("version").asString("?"), health.path("status").asString("?"));
        var table = new Table("PART", "STATUS", "BACKEND", "VERSION", "PING MS", "SURVIVES RESTART");
        for (JsonNode part : health.path("parts")) {
            table.row(
                    FIELDS.stream().map(field -> part.path(field).asString("-")).toList());
        }
        table.print(out);
    }
}
