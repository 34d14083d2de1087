package dev.sluice.server.cli;

import dev.sluice.SluiceException;
import dev.sluice.server.logging.Redaction;
import dev.sluice.server.settings.InvalidSettingsException;
import dev.sluice.server.settings.NearestName;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command without a subcommand. */
@Command(
        name = "sluice",
        description = "The reliability layer for Telegram bots: nothing flooded, nothing doubled, nothing lost.",
        subcommands = {
            ServeCommand.class,
            DevCommand.class,
            SimulateCommand.class,
            HealthCommand.class,
            QueueCommand.class,
            DeadLettersCommand.class,
            UnknownCommand.class,
            BotsCommand.class,
            BroadcastCommand.class,
            BundlesCommand.class,
            BudgetCommand.class,
            LimitsCommand.class,
            JobsCommand.class,
            KeysCommand.class,
            UsersCommand.class,
            HelpCommand.class
        },
        mixinStandardHelpOptions = true,
        versionProvider = BuildInfo.class,
        footer = {
            "",
            "Settings are environment variables, or lines of .env or sluice.yaml; docs/settings.md lists them."
        })
public final class SluiceCommand implements Runnable {
    /** So that all fit a long; the server says which of them it takes. */
    private static final Pattern WHOLE = Pattern.compile("-?[0-9]{1,18}");

    private static final int DONE = 0;
    private static final int FAILED = 1;
    private static final int WRONGLY_ASKED = 2;

    private final Surroundings surroundings;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private SluiceCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /** Runs a command line and returns its exit code. */
    public static int run(String... args) {
        return line(Surroundings.ofProcess()).execute(args);
    }

    /** All commands, to be executed once. */
    static CommandLine line(Surroundings surroundings) {
        var line = new CommandLine(new SluiceCommand(surroundings));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.registerConverter(Long.class, SluiceCommand::wholeNumber);
        line.registerConverter(long.class, SluiceCommand::wholeNumber);
        line.setParameterExceptionHandler((failure, given) -> explain(failure));
        line.setExecutionExceptionHandler((failure, command, parsed) -> explain(failure, command.getErr()));
        return line;
    }

    Surroundings surroundings() {
        return surroundings;
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    private static int explain(ParameterException failure) {
        var err = failure.getCommandLine().getErr();
        err.println("sluice: " + oneLine(misfit(failure).orElseGet(() -> String.valueOf(failure.getMessage()))));
        suggest(failure, err);
        err.println("See " + failure.getCommandLine().getCommandSpec().qualifiedName() + " --help");
        return WRONGLY_ASKED;
    }

    /** One of any number of arguments that is none of them is to picocli one too many. */
    private static Optional<String> misfit(ParameterException failure) {
        if (!(failure instanceof UnmatchedArgumentException unmatched) || unmatched.isUnknownOption()) {
            return Optional.empty();
        }
        return failure.getCommandLine().getCommandSpec().positionalParameters().stream()
                .filter(parameter -> parameter.arity().isVariable())
                .findFirst()
                .map(parameter -> "'" + unmatched.getUnmatched().getFirst() + "' is no " + parameter.paramLabel()
                        + "; accepted: " + String.join(" ", parameter.description()));
    }

    private static long wholeNumber(String text) {
        if (!WHOLE.matcher(text).matches()) {
            throw new TypeConversionException("'" + text + "' is no whole number such as 42");
        }
        return Long.parseLong(text);
    }

    private static void suggest(ParameterException failure, PrintWriter err) {
        if (failure instanceof UnmatchedArgumentException unmatched && unmatched.isUnknownOption()) {
            var known = failure.getCommandLine().getCommandSpec().optionsMap().keySet();
            NearestName.among(known, unmatched.getUnmatched().getFirst().replaceFirst("=.*", ""))
                    .ifPresent(name -> err.println("Did you mean " + name + "?"));
        } else {
            UnmatchedArgumentException.printSuggestions(failure, err);
        }
    }

    private static int explain(Exception failure, PrintWriter err) {
        if (failure instanceof InvalidSettingsException invalid) {
            err.println("sluice: the settings cannot be used:");
            invalid.problems().forEach(problem -> err.println("  " + problem));
            return WRONGLY_ASKED;
        }
        if (failure instanceof SluiceException) {
            err.println("sluice: " + oneLine(String.valueOf(failure.getMessage())));
            return failure instanceof WronglyAskedException ? WRONGLY_ASKED : FAILED;
        }
        err.println("sluice: " + oneLine(failure.toString()) + " (a defect; SLUICE_LOG_LEVEL=debug shows where)");
        LoggerFactory.getLogger(SluiceCommand.class).debug("the command failed", failure);
        return FAILED;
    }

    private static String oneLine(String message) {
        return Redaction.mask(message.replaceAll("\\s*\\R\\s*", " "));
    }

    static int done() {
        return DONE;
    }

    static int failed() {
        return FAILED;
    }
}
