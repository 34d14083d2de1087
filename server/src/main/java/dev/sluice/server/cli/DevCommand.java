package dev.sluice.server.cli;

import dev.sluice.server.assembly.SluiceServer;
import dev.sluice.server.settings.ServerSettings;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Everything at once on this machine, to try things out: gateway, a real Redis, a simulated Telegram. */
@Command(
        name = "dev",
        description = "Runs the gateway with a Redis of its own and a simulated Telegram, for this machine only.",
        mixinStandardHelpOptions = true,
        versionProvider = BuildInfo.class)
final class DevCommand implements Callable<Integer> {
    /** Where the world is simulated these decide nothing. */
    private static final Set<String> DECIDED = Set.of(
            "REDIS_URL", "REDIS_HOST", "REDIS_PORT", "TELEGRAM_API_URL", "SLUICE_HOST", "SLUICE_BOTS", "SLUICE_OPEN");

    private static final String LOOPBACK = "127.0.0.1";

    /** Of the form that the simulator takes, and plainly nobody's. */
    private static final String TOKEN = "123456789:AAE-any-token-of-this-form-will-do_";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private SettingsOptions options = new SettingsOptions();

    @Option(
            names = "--simulator-port",
            paramLabel = "PORT",
            defaultValue = "0",
            description = "Port of the simulated Telegram; 0, the default, takes a free one.")
    private int simulatorPort;

    @Override
    public Integer call() throws InterruptedException {
        var signals = StopSignals.listen();
        var settings = SettingsOptions.load(options.loader(Map.of("SLUICE_HOST", LOOPBACK, "SLUICE_OPEN", "true"))
                .withEmbedded(true)
                .withDecided(DECIDED));
        try (var telegram = Simulators.start(SimulatorSettings.defaults().withPort(simulatorPort), "--simulator-port");
                var server = SluiceServer.start(
                        settings.withTelegramAt(telegram.url()).withCallbacksToLoopback(), BuildInfo.version())) {
            welcome(server, telegram, settings);
            signals.await();
        }
        return SluiceCommand.done();
    }

    private void welcome(SluiceServer server, Simulator telegram, ServerSettings settings) {
        var out = spec.commandLine().getOut();
        out.printf(
                """

                Sluice is ready (in %d ms). Ctrl-C stops everything.

                  Gateway    %s   the base URL for your bot
                  Telegram   %s   simulated; takes any token of the form <id>:<35 characters>
                  Health     %s/health
                  Metrics    %s/metrics
                  Data       %s

                Try it:

                  curl -s %s/bot%s/sendMessage -d chat_id=42 -d text=hello

                """,
                Uptime.millis(),
                server.url(),
                telegram.url(),
                server.adminUrl(),
                server.adminUrl(),
                settings.store().dataDirectory().toAbsolutePath().normalize(),
                server.url(),
                TOKEN);
        out.flush();
    }
}
