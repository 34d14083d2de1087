package dev.sluice.server.cli;

import java.time.Clock;
import java.time.Duration;

/** How long this process has been running. */
final class Uptime {
    private Uptime() {}

    /** Milliseconds since the operating system started the process, the Java platform's own start included. */
    static long millis() {
        var now = Clock.systemUTC().instant();
        return ProcessHandle.current()
                .info()
                .startInstant()
                .map(start -> Duration.between(start, now).toMillis())
                .orElse(0L);
    }
}
