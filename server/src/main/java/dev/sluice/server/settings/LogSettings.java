package dev.sluice.server.settings;

import dev.sluice.server.logging.LogFormat;
import dev.sluice.server.logging.LogLevel;
import java.util.List;

/**
 * How much is logged, and in which shape.
 *
 * @param level the least severe events that are logged
 * @param format lines for people, or one JSON object per event
 */
public record LogSettings(LogLevel level, LogFormat format) {
    private static final String DEFAULT_LEVEL = "info";
    private static final String DEFAULT_FORMAT = "text";

    static final Setting<LogLevel> LEVEL = Setting.of(
            "SLUICE_LOG_LEVEL", Forms.choice(LogLevel.class), DEFAULT_LEVEL, "Least severe events that are logged.");
    static final Setting<LogFormat> FORMAT = Setting.of(
            "SLUICE_LOG_FORMAT",
            Forms.choice(LogFormat.class),
            DEFAULT_FORMAT,
            "Lines for people (key=value), or one JSON object per event.");

    static final List<Setting<?>> ALL = List.of(LEVEL, FORMAT);

    static LogSettings read(Reading reading) {
        return new LogSettings(reading.get(LEVEL), reading.get(FORMAT));
    }
}
