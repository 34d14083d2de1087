package dev.sluice.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.SluiceException;
import dev.sluice.telegram.BotToken;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Where a command gets a bot's token from: a variable that was named, else the terminal, else the first line of standard input.
 * Never an argument, which every user of the machine can see.
 */
final class TokenInput {
    /** The command that this is an option of. */
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command = CommandSpec.create();

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
        var surroundings = Surroundings.of(command);
        if (variable != null) {
            return surroundings
                    .variable(variable)
                    .orElseThrow(() -> new SluiceException("the environment variable " + variable + " is not set"));
        }
        return surroundings.terminal().map(TokenInput::ask).orElseGet(() -> firstLine(surroundings.in()));
    }

    private static String ask(Console terminal) {
        char[] typed = terminal.readPassword("Token (it is not shown): ");
        if (typed == null) {
            throw new SluiceException("no token was given");
        }
        return new String(typed);
    }

    private static String firstLine(InputStream in) {
        try {
            // Not closed: standard input is not ours.
            var line = new BufferedReader(new InputStreamReader(in, UTF_8)).readLine();
            if (line == null) {
                throw new SluiceException("no token was given: pipe it in, or name its variable with --token-env");
            }
            return line;
        } catch (IOException e) {
            throw new SluiceException("standard input cannot be read", e);
        }
    }
}
