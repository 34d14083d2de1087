package dev.sluice.server.cli;

import dev.sluice.SluiceException;
import java.io.PrintWriter;
import java.net.URI;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a running server is, and how it is to answer. */
final class ServerOptions {
    @Option(
            names = "--url",
            paramLabel = "URL",
            defaultValue = "${env:SLUICE_URL:-http://127.0.0.1:8000}",
            description = "The server (SLUICE_URL; default: http://127.0.0.1:8000).")
    private URI url = URI.create("http://127.0.0.1:8000");

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
        if (url.getHost() == null || !Stream.of("http", "https").toList().contains(url.getScheme())) {
            throw new SluiceException(
                    url + " is no URL of a server: SLUICE_URL or --url is to be like http://127.0.0.1:8000");
        }
        return new AdminClient(url, token());
    }

    private static Optional<String> token() {
        return Stream.of("SLUICE_TOKEN", "SLUICE_ADMIN_TOKEN")
                .map(ServerOptions::environment)
                .flatMap(Optional::stream)
                .findFirst();
    }

    static Optional<String> environment(String name) {
        @Nullable String value = System.getenv(name);
        return Optional.ofNullable(value).map(String::strip).filter(text -> !text.isEmpty());
    }
}
