package dev.sluice.server.cli;

import dev.sluice.server.assembly.Role;
import dev.sluice.server.assembly.SluiceServer;
import java.util.HashMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The server, until it is told to stop. */
@Command(
        name = "serve",
        description = "Runs the gateway: with the Redis of REDIS_URL, with one of its own (--embedded), or in memory.",
        mixinStandardHelpOptions = true,
        versionProvider = BuildInfo.class)
final class ServeCommand implements Callable<Integer> {
    @Mixin
    private SettingsOptions options = new SettingsOptions();

    @Option(names = "--embedded", description = "Run a Redis as a child process, its data under SLUICE_DATA_DIR.")
    private boolean embedded;

    @Option(names = "--host", paramLabel = "HOST", description = "Address to listen on (SLUICE_HOST).")
    private @Nullable String host;

    @Option(
            names = "--role",
            paramLabel = "ROLE",
            defaultValue = "all",
            description = "What this process does: gateway takes calls, worker sends what is queued, all does both"
                    + " (default: ${DEFAULT-VALUE}).")
    private Role role = Role.ALL;

    @Override
    public Integer call() throws InterruptedException {
        var given = new HashMap<String, String>();
        if (host != null) {
            given.put("SLUICE_HOST", host);
        }
        var signals = StopSignals.listen();
        var settings = SettingsOptions.load(options.loader(given).withEmbedded(embedded));
        var server = SluiceServer.start(settings, role, BuildInfo.version());
        LoggerFactory.getLogger("sluice")
                .atInfo()
                .addKeyValue("gateway", server.url())
                .addKeyValue("admin", server.adminUrl())
                .log("ready in {} ms", Uptime.millis());
        signals.await();
        server.close();
        return SluiceCommand.done();
    }
}
