package dev.sluice.server.cli;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** The jobs of a running server. */
@Command(
        name = "jobs",
        description = "Shows jobs: what runs, how far it is, how it ended, what died.",
        mixinStandardHelpOptions = true,
        versionProvider = BuildInfo.class)
final class JobsCommand implements Runnable {
    private static final String PATH = "/v1/jobs";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    @Command(name = "list", description = "Lists jobs, those first that began last.", mixinStandardHelpOptions = true)
    int list(
            @Mixin ServerOptions options,
            @Option(names = "--name", paramLabel = "NAME", description = "Only jobs of this name.") @Nullable String name,
            @Option(
                            names = "--state",
                            paramLabel = "STATE",
                            description = "Only in this state: running, dead, succeeded, failed or cancelled.")
                    @Nullable String state)
            throws InterruptedException {
        var jobs = new Pages(options.server())
                .all(PATH + "?limit=200" + query("name", name) + query("state", state), "jobs");
        return options.shown(spec.commandLine().getOut(), jobs.toString(), table(jobs));
    }

    @Command(name = "show", description = "Shows a job.", mixinStandardHelpOptions = true)
    int show(@Mixin ServerOptions options, @Parameters(paramLabel = "ID", description = "The job's id.") String id)
            throws InterruptedException {
        var answer = options.server().get(PATH + "/" + Pages.escaped(id));
        JsonNode job = answer.json();
        var table = new Table("FIELD", "VALUE");
        for (String field : List.of("id", "run", "name", "state", "started", "updated", "ended")) {
            table.row(List.of(field, shown(job.path(field))));
        }
        table.row(List.of("progress", progress(job)));
        table.row(List.of("counters", counters(job)));
        table.row(List.of("error", shown(job.path("error"))));
        table.row(List.of("message", shown(job.path("message"))));
        return options.shown(spec.commandLine().getOut(), answer.text(), table);
    }

    private static String query(String name, @Nullable String value) {
        return value == null ? "" : "&" + name + "=" + Pages.escaped(value);
    }

    private static Table table(Iterable<JsonNode> jobs) {
        var table = new Table("ID", "NAME", "STATE", "PROGRESS", "COUNTERS", "STARTED", "UPDATED", "ERROR");
        jobs.forEach(job -> table.row(List.of(
                shown(job.path("id")),
                shown(job.path("name")),
                shown(job.path("state")),
                progress(job),
                counters(job),
                seconds(job.path("started")),
                seconds(job.path("updated")),
                shown(job.path("error")))));
        return table;
    }

    private static String progress(JsonNode job) {
        if (job.path("done").isNull()) {
            return "-";
        }
        return job.path("done").asString()
                + (job.path("total").isNull() ? "" : "/" + job.path("total").asString());
    }

    private static String counters(JsonNode job) {
        return job.path("counters").isEmpty()
                ? "-"
                : job.path("counters").properties().stream()
                        .map(counter ->
                                counter.getKey() + "=" + counter.getValue().asString())
                        .collect(Collectors.joining(" "));
    }

    private static String shown(JsonNode value) {
        return value.isNull() ? "-" : value.asString();
    }

    /** Without the fraction, which nobody compares at a glance. */
    private static String seconds(JsonNode time) {
        return time.asString().replaceFirst("\\.[0-9]+Z", "Z");
    }
}
