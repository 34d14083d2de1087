package dev.sluice.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.SluiceException;
import dev.sluice.telegram.BotToken;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Where a command gets a bot's token from: a variable that was named, else the terminal, else the first line of standard input.
 * Never an argument, which every user of the machine can see.
 */
final class TokenInput {
    @Option(
            names = "--token-env",
            paramLabel = "NAME",
            description =
                    "Take the token from this environment variable; else it is asked for, or read from standard input.")
    private @Nullable String variable;

    /** @throws SluiceException if there is none, or it has not the form of one */
    BotToken read() {
        return BotToken.parse(text().strip())
                .orElseThrow(() -> new SluiceException(
                        "what was given is not a token: it has the form 123456:AAE..., as BotFather shows it"));
    }

    private String text() {
        if (variable != null) {
            return ServerOptions.environment(variable)
                    .orElseThrow(() -> new SluiceException("the environment variable " + variable + " is not set"));
        }
        return terminal().map(TokenInput::ask).orElseGet(TokenInput::firstLine);
    }

    private static String ask(Console terminal) {
        char[] typed = terminal.readPassword("Token (it is not shown): ");
        if (typed == null) {
            throw new SluiceException("no token was given");
        }
        return new String(typed);
    }

    private static String firstLine() {
        try {
            // Not closed: standard input is not ours.
            var line = new BufferedReader(new InputStreamReader(System.in, UTF_8)).readLine();
            if (line == null) {
                throw new SluiceException("no token was given: pipe it in, or name its variable with --token-env");
            }
            return line;
        } catch (IOException e) {
            throw new SluiceException("standard input cannot be read", e);
        }
    }

    /** From Java 22 on there may be a console without a terminal; what tells them apart is not in Java 21. */
    @SuppressWarnings("SystemConsoleNull") // it does in Java 21
    static Optional<Console> terminal() {
        Console console = System.console();
        if (console == null) {
            return Optional.empty();
        }
        try {
            return Boolean.FALSE.equals(Console.class.getMethod("isTerminal").invoke(console))
                    ? Optional.empty()
                    : Optional.of(console);
        } catch (ReflectiveOperationException e) {
            return Optional.of(console);
        }
    }
}
