package dev.sluice.server.cli;

import dev.sluice.simulator.FloodLimits;
import dev.sluice.simulator.FloodLimits.Limit;
import dev.sluice.simulator.SimulatorSettings;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The simulated Telegram alone, for anyone's tests. */
@Command(
        name = "simulate",
        description = "Runs a simulated Telegram Bot API server that computes flood control.",
        mixinStandardHelpOptions = true,
        versionProvider = BuildInfo.class)
final class SimulateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--host",
            paramLabel = "HOST",
            defaultValue = "127.0.0.1",
            description = "Address (default: ${DEFAULT-VALUE}).")
    private String host = "127.0.0.1";

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "8081",
            description = "Port (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(names = "--no-flood", description = "No limits at all.")
    private boolean noFlood;

    @Option(
            names = "--bot",
            paramLabel = "N/TIME",
            converter = LimitConverter.class,
            description = "Messages of one bot, such as 30/1s.")
    private @Nullable Limit bot;

    @Option(
            names = "--chat",
            paramLabel = "N/TIME",
            converter = LimitConverter.class,
            description = "Messages to one chat, such as 1/1s.")
    private @Nullable Limit chat;

    @Option(
            names = "--group",
            paramLabel = "N/TIME",
            converter = LimitConverter.class,
            description = "Messages to one group, such as 20/60s.")
    private @Nullable Limit group;

    @Option(
            names = "--paid",
            paramLabel = "N/TIME",
            converter = LimitConverter.class,
            description = "Paid broadcasts of one bot, such as 1000/1s.")
    private @Nullable Limit paid;

    @Option(
            names = "--tolerance",
            paramLabel = "TIME",
            converter = TimeConverter.class,
            description = "How much shorter every window counts, such as 50ms.")
    private @Nullable Duration tolerance;

    @Option(
            names = "--faster",
            paramLabel = "N",
            defaultValue = "1",
            description = "All windows N times shorter, so that tests take less time.")
    private int faster;

    @Option(
            names = "--only-known-tokens",
            description = "Refuse tokens of bots that were not added, instead of taking any.")
    private boolean onlyKnownTokens;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "0", description = "Seed of everything random.")
    private long seed;

    @Override
    public Integer call() throws InterruptedException {
        var signals = StopSignals.listen();
        try (var telegram = Simulators.start(settings(), "--port")) {
            var out = spec.commandLine().getOut();
            out.println("Telegram, simulated, at " + telegram.url() + " (ready in " + Uptime.millis() + " ms)");
            out.flush();
            signals.await();
        }
        return SluiceCommand.done();
    }

    private SimulatorSettings settings() {
        try {
            return SimulatorSettings.defaults()
                    .withHost(host)
                    .withPort(port)
                    .withAnyToken(!onlyKnownTokens)
                    .withSeed(seed)
                    .withFlood(flood());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private FloodLimits flood() {
        var limits = noFlood ? FloodLimits.off() : FloodLimits.telegram();
        limits = bot == null ? limits : limits.withBot(bot);
        limits = chat == null ? limits : limits.withChat(chat);
        limits = group == null ? limits : limits.withGroup(group);
        limits = paid == null ? limits : limits.withPaidBroadcast(paid);
        limits = tolerance == null ? limits : limits.withTolerance(tolerance);
        return limits.windowsDividedBy(faster);
    }

    /** Reads 500ms, 2s, 5m. */
    static final class TimeConverter implements ITypeConverter<Duration> {
        private static final Pattern FORM = Pattern.compile("(\\d{1,9})(ms|s|m)");

        @Override
        public Duration convert(String text) {
            var match = FORM.matcher(text);
            if (!match.matches()) {
                throw new TypeConversionException("a time is 500ms, 2s or 5m, not '" + text + "'");
            }
            long number = Long.parseLong(match.group(1));
            return switch (match.group(2)) {
                case "ms" -> Duration.ofMillis(number);
                case "s" -> Duration.ofSeconds(number);
                default -> Duration.ofMinutes(number);
            };
        }
    }

    /** Reads 30/1s. */
    static final class LimitConverter implements ITypeConverter<Limit> {
        @Override
        public Limit convert(String text) {
            int slash = text.indexOf('/');
            if (slash < 1 || !text.substring(0, slash).matches("\\d{1,9}")) {
                throw new TypeConversionException("a limit is a number and a time, such as 30/1s, not '" + text + "'");
            }
            try {
                return new Limit(
                        Integer.parseInt(text.substring(0, slash)),
                        new TimeConverter().convert(text.substring(slash + 1)));
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(String.valueOf(e.getMessage()));
            }
        }
    }
}
