package dev.sluice.server.cli;

import dev.sluice.SluiceException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Queues as a file. */
@Command(
        name = "export",
        description = "Writes the messages of queues as lines of JSON, encrypted as they are stored.",
        mixinStandardHelpOptions = true,
        versionProvider = BuildInfo.class)
final class QueueExportCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ServerOptions options = new ServerOptions();

    @Option(
            names = "--to",
            paramLabel = "FILE",
            description = "Writes to this file, which is there once all is in it; without it to standard output.")
    private @Nullable Path file;

    @Parameters(paramLabel = "BOT", arity = "0..*", description = "Bots' ids; all bots with a queue if there is none.")
    private List<Long> bots = new ArrayList<>();

    @Override
    public Integer call() throws InterruptedException, IOException {
        var server = options.server();
        var all = bots.isEmpty()
                ? new Pages(server)
                        .all("/v1/queue?limit=200", "queues")
                        .valueStream()
                        .map(queue -> queue.path("bot").asLong())
                        .toList()
                : bots;
        if (file == null) {
            export(server, all, Surroundings.of(spec).out());
        } else {
            var part = file.resolveSibling(file.getFileName() + ".part");
            try (var out = Files.newOutputStream(part)) {
                export(server, all, out);
            } catch (IOException e) {
                throw new SluiceException(part + " cannot be written: " + e.getMessage(), e);
            }
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
        }
        spec.commandLine().getErr().println("exported " + all.size() + (all.size() == 1 ? " queue" : " queues"));
        return SluiceCommand.done();
    }

    private static void export(AdminClient server, List<Long> bots, OutputStream out)
            throws InterruptedException, IOException {
        for (long bot : bots) {
            var cursor = Optional.of("");
            while (cursor.isPresent()) {
                var next = server.download("/v1/queue/" + bot + "/export" + cursor.get(), out, "X-Sluice-Next-Cursor");
                cursor = next.map(value -> "?cursor=" + Pages.escaped(value));
            }
        }
        out.flush();
    }
}
