package dev.sluice.server.settings;

import java.util.List;

/**
 * How much is logged, and in which shape.
 *
 * @param level the least severe events that are logged
 * @param format lines for people, or one JSON object per event
 */
public record LogSettings(Level level, Format format) {
    /** Severities, from all to nearly nothing. */
    public enum Level {
        TRACE,
        DEBUG,
        INFO,
        WARN,
        ERROR
    }

    /** Shapes of the log. */
    public enum Format {
        TEXT,
        JSON
    }

    private static final String DEFAULT_LEVEL = "info";
    private static final String DEFAULT_FORMAT = "text";

    static final Setting<Level> LEVEL =
            Setting.of("SLUICE_LOG_LEVEL", Forms.choice(Level.class), DEFAULT_LEVEL, "Least severe events that are logged.");
    static final Setting<Format> FORMAT = Setting.of(
            "SLUICE_LOG_FORMAT",
            Forms.choice(Format.class),
            DEFAULT_FORMAT,
            "Lines for people (key=value), or one JSON object per event.");

    static final List<Setting<?>> ALL = List.of(LEVEL, FORMAT);

    static LogSettings read(Reading reading) {
        return new LogSettings(reading.get(LEVEL), reading.get(FORMAT));
    }
}
