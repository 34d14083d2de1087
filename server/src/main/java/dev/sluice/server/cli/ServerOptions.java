package dev.sluice.server.cli;

import dev.sluice.SluiceException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Where a running server is, and how it is to answer. */
final class ServerOptions {
    private static final String HERE = "http://127.0.0.1:8000";

    /** The command that these are options of. */
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command = CommandSpec.create();

    @Option(names = "--url", paramLabel = "URL", description = "The server (SLUICE_URL; default: " + HERE + ").")
    private @Nullable String url;

    @Option(names = "--json", description = "The server's own answer, for programs.")
    private boolean json;

    /** Whether the answer is for a program. */
    boolean json() {
        return json;
    }

    /** Prints the server's own answer for a program, the table for people. */
    int shown(PrintWriter out, String answer, Table table) {
        if (json) {
            return said(out, answer.strip());
        }
        table.print(out);
        out.flush();
        return SluiceCommand.done();
    }

    /** Prints a text and is done. */
    static int said(PrintWriter out, String text) {
        out.println(text);
        out.flush();
        return SluiceCommand.done();
    }

    /** @throws SluiceException if the URL is none */
    AdminClient server() {
        var surroundings = Surroundings.of(command);
        var text = Optional.ofNullable(url)
                .or(() -> surroundings.variable("SLUICE_URL"))
                .orElse(HERE);
        return new AdminClient(parsed(text), token(surroundings));
    }

    private static URI parsed(String text) {
        try {
            var url = new URI(text);
            if (url.getHost() != null && List.of("http", "https").contains(url.getScheme())) {
                return url;
            }
        } catch (URISyntaxException e) {
            // said below
        }
        throw new SluiceException(text + " is no URL of a server: SLUICE_URL or --url is to be like " + HERE);
    }

    private static Optional<String> token(Surroundings surroundings) {
        return Stream.of("SLUICE_TOKEN", "SLUICE_ADMIN_TOKEN")
                .map(surroundings::variable)
                .flatMap(Optional::stream)
                .findFirst();
    }
}
