package dev.sluice.server.logging;

/** Severities, from all to nearly nothing. */
public enum LogLevel {
    TRACE,
    DEBUG,
    INFO,
    WARN,
    ERROR
}
