package dev.sluice.server.logging;

/** Shapes of the log. */
public enum LogFormat {
    /** Lines for people, with key=value pairs. */
    TEXT,
    /** One JSON object per event. */
    JSON
}
