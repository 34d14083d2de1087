package dev.sluice.server.cli;

import dev.sluice.SluiceException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** A file as queues. */
@Command(
        name = "import",
        description = "Puts exported messages back, under their own ids: what is there already is left as it is.",
        mixinStandardHelpOptions = true,
        versionProvider = BuildInfo.class)
final class QueueImportCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ServerOptions options = new ServerOptions();

    @Option(
            names = "--older",
            description =
                    "Also takes an export that is older than what is remembered of sent messages (SLUICE_QUEUE_KEEP):"
                            + " what was sent since and forgotten is sent again, unless the store was empty.")
    private boolean older;

    @Parameters(paramLabel = "FILE", description = "What was exported; - for standard input.")
    private Path file = Path.of("-");

    @Override
    public Integer call() throws InterruptedException {
        try (InputStream in = new BufferedInputStream(
                file.toString().equals("-") ? Surroundings.of(spec).in() : Files.newInputStream(file))) {
            var head = firstLine(in);
            var answer = options.server().upload("/v1/queue/import" + (older ? "?older=true" : ""), head, in);
            return show(answer);
        } catch (IOException e) {
            throw new SluiceException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static String firstLine(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
            line.write(next);
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    private int show(AdminClient.Answer answer) {
        JsonNode json = answer.json();
        var out = spec.commandLine().getOut();
        if (options.json()) {
            out.println(answer.text().strip());
        } else {
            var table = new Table("ADDED", "KNOWN", "KEY TAKEN", "FORGOTTEN", "NO ROOM", "AHEAD");
            table.row(List.of(
                    json.path("added").asString(),
                    json.path("known").asString(),
                    json.path("key_taken").asString(),
                    json.path("forgotten").asString(),
                    json.path("full").asString(),
                    json.path("ahead").asString()));
            table.print(out);
        }
        out.flush();
        if (!json.path("complete").asBoolean()) {
            spec.commandLine().getErr().println("sluice: the export ends early: not all may be in it");
        }
        boolean all = json.path("full").asLong() + json.path("ahead").asLong() == 0
                && json.path("complete").asBoolean();
        return all ? SluiceCommand.done() : SluiceCommand.failed();
    }
}
