package dev.sluice.server.cli;

import dev.sluice.server.logging.Logging;
import dev.sluice.server.settings.ServerSettings;
import dev.sluice.server.settings.SettingsLoader;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that are settings as well, and stand above all other places. */
final class SettingsOptions {
    @Option(names = "--config", paramLabel = "FILE", description = "Settings file instead of sluice.yaml.")
    private @Nullable Path config;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description = "Port of the gateway (SLUICE_PORT); 0 takes a free one.")
    private @Nullable String port;

    /** The loader with what was given; its values are checked with all others. */
    SettingsLoader loader(Map<String, String> more) {
        var values = new HashMap<>(more);
        if (port != null) {
            values.put("SLUICE_PORT", port);
        }
        return SettingsLoader.ofProcess().withCommandLine(values).withConfigFile(Optional.ofNullable(config));
    }

    /** Loads, and lets the log be as it was set. */
    static ServerSettings load(SettingsLoader loader) {
        var settings = loader.load();
        Logging.apply(settings.log().level(), settings.log().format());
        return settings;
    }
}
